"""What a user has deleted or corrected is not learned again from what was said before.

It is known by its words, or by the segments that say it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from common.core.ids import digest
from common.database import forgotten, memories, users
from common.database.forgotten import Forgotten
from common.llm.fact_checks import sense
from common.llm.words import words
from common.memories.hearing import UNNAMED
from common.models.memory import Memory

_SHARED = 0.5
"""Of the words of the shorter fact; from so many on, two from one segment say the same."""
_TRACE_DIGITS = 3


def note_deleted(going: Iterable[Memory], *, uid: str) -> None:
    """Note that memories are about to be deleted by their owner; of what they only told us themselves, nothing."""
    learned = [memory for memory in going if memory.conversation_id is not None]
    if not learned:
        return
    user = _name(uid)
    forgotten.put(
        (
            forgotten.note(
                "memory",
                _meant(memory.content),
                conversation_id=memory.conversation_id,
                segment_ids=memory.segment_ids,
                traces=_traces(memory.content, user),
            )
            for memory in learned
        ),
        uid=uid,
    )


def corrected(kept: Iterable[Memory], *, uid: str) -> list[Forgotten]:
    """Notes, not to be stored, about what memories said before their owner changed it, or said it is not true."""
    user = _name(uid)
    return [
        forgotten.note(
            "memory",
            _meant(state.content),
            conversation_id=memory.conversation_id,
            segment_ids=memory.segment_ids,
            traces=_traces(state.content, user),
        )
        for memory in kept
        for state in [*memories.list_states(memory, uid=uid), *([memory] if memory.rejected else [])]
    ]


@dataclass(frozen=True)
class Oblivion:
    """What must not be learned from a conversation."""

    by_id: dict[str, Forgotten]
    of_conversation: list[Forgotten]
    user: str
    said_at: datetime
    everything: bool

    def holds(self, content: str, segment_ids: Collection[str]) -> bool:
        """Whether this is among it, by what it says or by who says so."""
        note = self.by_id.get(forgotten.forgotten_id("memory", _meant(content)))
        if self.everything or (note is not None and note.forgotten_at > self.said_at):
            return True
        traces = _traces(content, self.user)
        return any(
            not set(note.segment_ids).isdisjoint(segment_ids) and _share(traces, note.traces) >= _SHARED
            for note in self.of_conversation
        )


def load(
    conversation_id: str, contents: Sequence[str], kept: Sequence[Memory], *, uid: str, said_at: datetime
) -> Oblivion:
    """What of `contents` must not be learned from a conversation that began at `said_at`.

    Args:
        conversation_id: the conversation.
        contents: what might be learned from it.
        kept: what its owner has touched of what was learned from it before.
        uid: the owner.
        said_at: when it began.
    """
    ids = [forgotten.forgotten_id("memory", _meant(content)) for content in contents]
    everything = forgotten.find_everything(uid=uid)
    of_conversation = forgotten.list_of_conversation(conversation_id, uid=uid)
    return Oblivion(
        by_id={note.id: note for note in forgotten.of(uid=uid).find_many(ids)},
        of_conversation=[*(note for note in of_conversation if note.kind == "memory"), *corrected(kept, uid=uid)],
        user=_name(uid),
        said_at=said_at,
        everything=everything is not None and everything.forgotten_at > said_at,
    )


def _name(uid: str) -> str:
    return users.display_name(uid=uid) or UNNAMED


def _meant(content: str) -> str:
    return digest(*sorted(sense(content)))


def _traces(content: str, user: str) -> set[int]:
    """What is left of the words of a fact but the user's name."""
    named = {word.lower() for word in words(user)}
    meant = {word.removesuffix("'s") for word in sense(content)} - named
    return {int(digest(word)[:_TRACE_DIGITS], 16) for word in meant}


def _share(traces: set[int], others: Collection[int]) -> float:
    """How much of the fewer of them both have; all of it where one has none."""
    fewer = min(len(traces), len(others))
    return len(traces.intersection(others)) / fewer if fewer else 1.0
