"""A finished conversation is heard again by a service that takes minutes: what was sent, and how far that is."""

from typing import Literal

from pydantic import Field

from common.models.base import Document, Moment

Kind = Literal["fal_whisperx", "hume"]


class SentPiece(Document):
    """Seconds [start, end) of a conversation, and the second of what was sent at which they begin."""

    start: float
    end: float
    offset: float


class SentAudio(Document):
    """The recording that is sent: what was said, without the pauses; `path` in the bucket `media`."""

    id: str
    path: str
    seconds: float
    pieces: list[SentPiece]

    @staticmethod
    def id_of(attempt: int) -> str:
        """That of what is sent at an attempt."""
        return f"audio-{attempt}"

    def moment(self, second: float) -> float:
        """The second of the conversation that a second of this is."""
        piece = max((each for each in self.pieces if each.offset <= second), key=lambda each: each.offset, default=None)
        if piece is None:
            return self.pieces[0].start
        return round(min(piece.start + second - piece.offset, piece.end), 3)


class Hearing(Document):
    """How far one service is; `run` is that of the conversation when it was begun."""

    id: Kind
    attempt: int = 1
    run: int
    state: Literal["preparing", "waiting", "done", "canceled", "failed"] = "preparing"
    request_id: str | None = None
    submitted_at: Moment | None = None
    reason: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in {"done", "canceled", "failed"}


class EmotionReading(Document):
    """How somebody sounded in some seconds of a conversation: of each emotion how much, of 1."""

    id: str
    start: float
    end: float
    emotions: dict[str, float] = Field(default_factory=dict)
