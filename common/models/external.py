"""Conversations that were not captured here but are handed over as text or as segments (CONTRACT section 4.2)."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StrictBool, model_validator

from common.models.attachments import Geolocation
from common.models.base import Shape
from common.models.conversation import Conversation, ConversationSource
from common.models.given import GivenFloat, GivenInt, GivenMoment

TextSource = Literal["audio_transcript", "message", "other_text"]

MOST_CHARACTERS = 500_000
"""Of all segments of one conversation together."""
LONGEST_S = 7 * 24 * 3600.0
USUAL_LENGTH = timedelta(minutes=5)
_TIMES = frozenset({"start", "end"})

Seconds = Annotated[GivenFloat, Field(ge=0, le=LONGEST_S)]


class Place(Geolocation):
    """Where it took place, with texts of bounded length."""

    latitude: GivenFloat = Field(ge=-90, le=90)
    longitude: GivenFloat = Field(ge=-180, le=180)
    google_place_id: str | None = Field(None, max_length=500)
    address: str | None = Field(None, max_length=500)
    location_type: str | None = Field(None, max_length=100)


class _HandedOver(BaseModel):
    """What text and segments have in common."""

    started_at: GivenMoment | None = Field(None, examples=["2026-05-04T12:00:00Z"])
    finished_at: GivenMoment | None = Field(None, examples=["2026-05-04T12:30:00Z"])
    language: str | None = Field(None, max_length=35, examples=["en"])
    geolocation: Place | None = None

    @property
    def length(self) -> timedelta:
        """How long it took, where only one end is given."""
        return USUAL_LENGTH

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.started_at and self.finished_at and self.finished_at < self.started_at:
            raise ValueError("finished_at lies before started_at")
        return self

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """When it began and ended; what is not said follows from the other, or from `now`."""
        started_at = self.started_at
        if started_at is None:
            started_at = _shifted(self.finished_at, -self.length) if self.finished_at else now
        return started_at, self.finished_at or _shifted(started_at, self.length)


class ExternalText(_HandedOver):
    """A conversation as a text."""

    text: str = Field(min_length=1, max_length=100_000, pattern=r"\S", examples=["We agreed to meet again on Friday."])
    text_source: TextSource = "audio_transcript"
    text_source_spec: str | None = Field(None, max_length=500, examples=["email"])
    source: ConversationSource = ConversationSource.EXTERNAL_INTEGRATION


class ExternalSegment(Shape):
    """What one speaker said, `start` and `end` in seconds since `started_at`.

    What has no times (or null) begins where the one before ends; what has no end, ends as it begins.
    """

    id: str | None = Field(None, min_length=1, max_length=200)
    text: str = Field(max_length=20_000, examples=["Shall we meet on Friday?"])
    speaker: str | None = Field(None, max_length=100, examples=["SPEAKER_00"])
    speaker_id: GivenInt | None = Field(None, ge=0, le=100_000)
    is_user: StrictBool = False
    person_id: str | None = Field(None, max_length=200)
    start: Seconds = Field(0.0, examples=[0.0])
    end: Seconds = Field(0.0, examples=[2.5])

    @model_validator(mode="before")
    @classmethod
    def _given(cls, fields: object) -> object:
        if not isinstance(fields, dict):
            return fields
        return {name: value for name, value in fields.items() if value is not None or name not in _TIMES}

    def follow(self, ended: float) -> None:
        """Take the times that were not given from where the one before `ended`, in seconds."""
        given = self.model_fields_set & _TIMES
        if "start" not in given:
            self.start = min(ended, self.end) if "end" in given else ended
        if "end" not in given:
            self.end = self.start


class ExternalSegments(_HandedOver):
    """A conversation as the segments of its transcript."""

    transcript_segments: list[ExternalSegment] = Field(min_length=1, max_length=500)
    source: ConversationSource = ConversationSource.PHONE
    client_session_id: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="The same again is answered with the conversation that there is",
    )

    @model_validator(mode="after")
    def _placed(self) -> Self:
        ended = 0.0
        for segment in self.transcript_segments:
            segment.follow(ended)
            ended = segment.end
        return self

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if sum(len(segment.text) for segment in self.transcript_segments) > MOST_CHARACTERS:
            raise ValueError(f"more than {MOST_CHARACTERS} characters of text")
        if any(segment.end < segment.start for segment in self.transcript_segments):
            raise ValueError("a segment ends before it starts")
        named = [segment.id for segment in self.transcript_segments if segment.id is not None]
        if len(named) != len(set(named)):
            raise ValueError("two segments have the same id")
        return self

    @property
    def length(self) -> timedelta:
        """Until the last word; the usual where none has a time."""
        return timedelta(seconds=max(segment.end for segment in self.transcript_segments)) or USUAL_LENGTH


class Receipt(Shape):
    """What became of a conversation that was handed over."""

    id: str
    status: str = Field(description="A status of conversations, or `deleted`", examples=["completed"])
    discarded: bool

    @classmethod
    def of(cls, conversation: Conversation) -> "Receipt":
        """What to answer about a conversation as it is."""
        status = "deleted" if conversation.deleted else conversation.status.value
        return cls(id=conversation.id, status=status, discarded=conversation.discarded or conversation.deleted)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """`moment`, later by `by`; unshifted where the calendar ends."""
    try:
        return moment + by
    except OverflowError:
        return moment
