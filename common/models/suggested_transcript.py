"""What a client that recognises by itself tells of what was said (CONTRACT section 1.7)."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MOST_SEGMENTS = 200
MOST_CHARACTERS = 200_000
"""Of one message; a batch of segments is one document."""
_LONGEST_S = 7 * 24 * 3600.0


def _seconds(value: Any) -> float | None:
    """A time within a stream, or None: words whose time makes no sense are words all the same."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= _LONGEST_S else None


Seconds = Annotated[float | None, BeforeValidator(_seconds)]


class SuggestedSegment(BaseModel):
    """What one speaker said; seconds since the client's stream began, None where it has none to tell."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | None = Field(None, max_length=128)
    """The client's name for it: told again under the same one, it is replaced."""
    text: str = Field(max_length=10_000)
    speaker: str | None = Field(None, max_length=64)
    speaker_id: int | None = Field(None, ge=0, le=999_999)
    is_user: bool = False
    person_id: str | None = Field(None, max_length=128)
    start: Seconds = None
    end: Seconds = None

    @property
    def span(self) -> tuple[float, float] | None:
        """When it was said; clients that do not know leave both times out, or at 0."""
        start = self.start if self.start is not None else self.end
        if start is None or not (self.start or self.end):
            return None
        return start, max(start, self.end or start)


class SuggestedTranscript(BaseModel):
    """A message of the client's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["suggested_transcript"] = "suggested_transcript"
    segments: list[SuggestedSegment] = Field(max_length=MOST_SEGMENTS)
    stt_provider: str | None = Field(None, max_length=64)

    @model_validator(mode="after")
    def _fits(self) -> "SuggestedTranscript":
        if sum(len(segment.text) for segment in self.segments) > MOST_CHARACTERS:
            raise ValueError("too much text at once")
        return self

    @property
    def said(self) -> list[SuggestedSegment]:
        """The segments that say something."""
        return [segment for segment in self.segments if segment.text.strip()]
