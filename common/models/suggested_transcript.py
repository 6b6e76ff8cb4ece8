"""What a client that recognises by itself tells of what was said (CONTRACT section 1.7)."""

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from common.models.base import Shape

MOST_SEGMENTS = 2000
MOST_CHARACTERS = 200_000
"""Of one message."""
_LONGEST_S = 7 * 24 * 3600.0
_LONGEST_NAME = 128
_SPEAKER = re.compile(r"[0-9]{1,6}", re.ASCII)


def _seconds(value: Any) -> float | None:
    """A time within a stream, or None: words whose time makes no sense are words all the same."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= _LONGEST_S else None


def _text(value: Any) -> Any:
    """What is said; a recogniser that heard nothing says null, and cuts signs in half now and then."""
    if value is None:
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _name(value: Any) -> str | None:
    """A name, some of which are numbers; what can be none costs nobody the words."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _text(value) if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME else None


def _number(value: Any) -> int | None:
    """A speaker's number."""
    known = isinstance(value, int | str) and not isinstance(value, bool) and _SPEAKER.fullmatch(str(value))
    return int(value) if known else None


def _speaker(value: Any) -> str | None:
    """Who speaks: a label, or the number of one."""
    number = _number(value) if isinstance(value, int) else None
    return _name(value) if number is None else f"SPEAKER_{number:02d}"


Seconds = Annotated[float | None, BeforeValidator(_seconds)]
Name = Annotated[str | None, BeforeValidator(_name)]


class SuggestedSegment(Shape):
    """What one speaker said; seconds since the client's stream began, None where it has none to tell.

    Of everything but the words, what makes no sense is as good as left out.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Name = None
    """The client's name for it: told again under the same one, it is replaced."""
    text: Annotated[str, BeforeValidator(_text)] = Field("", max_length=10_000)
    speaker: Annotated[str | None, BeforeValidator(_speaker)] = None
    speaker_id: Annotated[int | None, BeforeValidator(_number)] = None
    is_user: Annotated[bool, BeforeValidator(lambda value: value is True)] = False
    person_id: Name = None
    start: Seconds = None
    end: Seconds = None

    @property
    def span(self) -> tuple[float, float] | None:
        """When it was said; clients that do not know leave both times out, or at 0."""
        start = self.start if self.start is not None else self.end
        if start is None or not (self.start or self.end):
            return None
        return start, max(start, self.end or start)


class SuggestedTranscript(Shape):
    """A message of the client's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["suggested_transcript"] = "suggested_transcript"
    segments: list[SuggestedSegment] = Field(max_length=MOST_SEGMENTS)
    stt_provider: Name = None

    @model_validator(mode="after")
    def _fits(self) -> "SuggestedTranscript":
        if sum(len(segment.text) for segment in self.segments) > MOST_CHARACTERS:
            raise ValueError("too much text at once")
        return self

    @property
    def said(self) -> list[SuggestedSegment]:
        """The segments that say something."""
        return [segment for segment in self.segments if segment.text.strip()]
