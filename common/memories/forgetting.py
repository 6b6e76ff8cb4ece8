"""What a user has deleted is not learned again from what was said before, in these words or by these segments."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.core.ids import digest
from common.database import forgotten
from common.database.forgotten import Forgotten
from common.llm.fact_checks import sense
from common.models.memory import Memory


def note_deleted(memories: Iterable[Memory], *, uid: str) -> None:
    """Note that memories are about to be deleted by their owner; of what they only told us themselves, nothing."""
    forgotten.put(
        (
            forgotten.note(
                "memory",
                _meant(memory.content),
                conversation_id=memory.conversation_id,
                segment_ids=memory.segment_ids,
            )
            for memory in memories
            if memory.conversation_id is not None
        ),
        uid=uid,
    )


@dataclass(frozen=True)
class Oblivion:
    """What must not be learned from a conversation."""

    by_id: dict[str, Forgotten]
    segments: frozenset[str]
    said_at: datetime
    everything: bool

    def holds(self, content: str, segment_ids: Collection[str]) -> bool:
        """Whether this is among it, by what it says or by who says so."""
        if self.everything or not self.segments.isdisjoint(segment_ids):
            return True
        note = self.by_id.get(forgotten.forgotten_id("memory", _meant(content)))
        return note is not None and note.forgotten_at > self.said_at


def load(conversation_id: str, contents: Sequence[str], *, uid: str, said_at: datetime) -> Oblivion:
    """What of `contents` must not be learned from a conversation that began at `said_at`."""
    ids = [forgotten.forgotten_id("memory", _meant(content)) for content in contents]
    notes = forgotten.of(uid=uid).find_many(ids)
    of_conversation = forgotten.list_of_conversation(conversation_id, uid=uid)
    everything = forgotten.find_everything(uid=uid)
    return Oblivion(
        by_id={note.id: note for note in notes},
        segments=frozenset(each for note in of_conversation if note.kind == "memory" for each in note.segment_ids),
        said_at=said_at,
        everything=everything is not None and everything.forgotten_at > said_at,
    )


def _meant(content: str) -> str:
    return digest(*sorted(sense(content)))
