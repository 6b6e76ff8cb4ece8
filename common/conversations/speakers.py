"""What the speakers of a conversation are called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from common.database import people, users
from common.models.conversation import Conversation
from common.models.conversation_views import NamedSegment
from common.models.person import OWNER
from common.models.segment import TranscriptSegment

S = TypeVar("S", bound=NamedSegment)


@dataclass(frozen=True)
class Speaker:
    """Whom words are attributed to: the user, a person the user knows, or, with neither, nobody known."""

    is_user: bool = False
    person_id: str | None = None

    @classmethod
    def of(cls, person_id: str) -> "Speaker":
        """A person by their id, or the owner by what stands for one."""
        return cls(is_user=True) if person_id == OWNER else cls(person_id=person_id)

    @property
    def id(self) -> str:
        """The opposite of `of`; empty for nobody known."""
        return OWNER if self.is_user else self.person_id or ""


@dataclass(frozen=True)
class Names:
    """The owner's name and those of people, by their ids."""

    owner: str
    people: dict[str, str] = field(default_factory=dict)

    def of(self, segment: TranscriptSegment, conversation: Conversation) -> str:
        """Who says this: the owner, a person, whoever was named when it was handed over, or `Speaker N`."""
        if segment.is_user or segment.person_id == OWNER:
            return self.owner
        named = conversation.named_speakers.get(segment.speaker)
        return self.people.get(segment.person_id or "") or (
            named if isinstance(named, str) else f"Speaker {segment.speaker_id}"
        )

    def segments(self, conversation: Conversation, *, as_: type[S]) -> list[S]:
        """The transcript of a conversation with the names of its speakers; who was deleted is somebody unknown."""
        return [
            as_.model_validate(
                {
                    **segment.model_dump(),
                    "speaker_name": self.of(segment, conversation),
                    "person_id": None if self._was_deleted(segment) else segment.person_id,
                }
            )
            for segment in conversation.transcript_segments
        ]

    def _was_deleted(self, segment: TranscriptSegment) -> bool:
        """Whether it was attributed here to somebody who is not there; programs may hand over ids of their own."""
        known = {None, OWNER, *self.people}
        return segment.speaker_label_source is not None and segment.person_id not in known


def load_names(found: Sequence[Conversation], *, uid: str, owner: str = "You") -> Names:
    """The names that these conversations need; `owner` where the user's own is not known."""
    return load_names_in(
        (each for conversation in found for each in conversation.transcript_segments), uid=uid, owner=owner
    )


def load_names_in(segments: Iterable[TranscriptSegment], *, uid: str, owner: str = "You") -> Names:
    """The names that these segments need; the same otherwise."""
    ids = {segment.person_id for segment in segments if segment.person_id and segment.person_id != OWNER}
    return Names(
        owner=users.display_name(uid=uid) or owner,
        people=people.names(uid=uid, person_ids=sorted(ids)) if ids else {},
    )
