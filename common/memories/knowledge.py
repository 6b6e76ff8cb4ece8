"""What is remembered already, as far as it matters for what a conversation teaches."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.core import clock
from common.database import memories
from common.llm.ports import Known
from common.llm.providers import embedder
from common.memories.planning import Former, Lesson
from common.memories.search import search_memories
from common.models.memory import Memory

_NEAREST = 30
_NEWEST = 100
_REJECTED = 50
_NOT_INDEXED_YET_S = 900.0
"""For so long, real seconds, what is new may not be found by search."""
_NEAR = 0.5
_COMPARED = 5
"""Memories that a fact is compared with at most, none of them farther than that."""


Compared = tuple[list[Memory], list[Known]]
"""What a lesson has to be judged by, the nearest first: as memories, and as they are to the reconciler."""


@dataclass(frozen=True)
class Knowledge:
    """Memories of a user that are near to a conversation, or new; and what the user has said is not true."""

    near: list[Memory]
    newest: list[Memory]
    rejected: list[Memory]

    def contents(self, former: Former) -> tuple[str, ...]:
        """What need not be said again, the nearest first; not what the conversation itself may say again."""
        loose = {memory.id for memory in former.loose}
        known = [
            memory for memory in [*former.kept, *self.near, *self.newest, *self.rejected] if memory.id not in loose
        ]
        return tuple(dict.fromkeys(memory.content for memory in known if not memory.is_locked))


def recall(query: str, *, uid: str) -> Knowledge:
    """What is known about `query`, and what is new.

    Raises:
        ProviderError: the query could not be embedded.
    """
    near = [hit.memory for hit in search_memories(query, uid=uid, limit=_NEAREST)] if query.strip() else []
    newest = [each for each in memories.list_newest(uid=uid, limit=_NEWEST) if not (each.rejected or each.deleted)]
    return Knowledge(near, newest, memories.list_rejected(uid=uid, limit=_REJECTED))


def of_conversation(conversation_id: str, *, uid: str) -> Former:
    """What a conversation has taught before."""
    found = memories.list_of_conversation(conversation_id, uid=uid)
    loose = [memory for memory in found if not memory.is_owners]
    restored = {}
    for memory in loose:
        before = memories.find_last_former(memory, uid=uid)
        if before is not None and before.conversation_id != conversation_id:
            restored[memory.id] = before.but(id=memory.id, superseded_by=None, invalid_at=None)
    return Former([memory for memory in found if memory.is_owners], loose, restored)


def compare(lessons: Sequence[Lesson], knowledge: Knowledge, former: Former, *, uid: str) -> list[Compared]:
    """For each lesson what it has to be judged by.

    Raises:
        ProviderError: the texts could not be embedded.
    """
    pool = _pool(lessons, knowledge, former, uid=uid)
    if not lessons or not pool:
        return [([], []) for _ in lessons]
    texts = [lesson.content for lesson in lessons] + [memory.content for memory in pool]
    vectors = embedder().embed(texts, purpose="document")
    known = vectors[len(lessons) :]
    return [_nearest(vector, pool, known) for vector in vectors[: len(lessons)]]


def _pool(lessons: Sequence[Lesson], knowledge: Knowledge, former: Former, *, uid: str) -> list[Memory]:
    """What lessons are compared with: as it would be without this conversation."""
    since = clock.now() - clock.duration(_NOT_INDEXED_YET_S * clock.scale())
    found = {memory.id: memory for memory in knowledge.newest if memory.updated_at >= since}
    for lesson in lessons:
        hits = search_memories(lesson.content, uid=uid, limit=_COMPARED)
        found |= {hit.memory.id: hit.memory for hit in hits}
    found |= {memory.id: memory for memory in [*former.kept, *knowledge.rejected]}
    for memory in former.loose:
        found.pop(memory.id, None)
    return [memory for memory in [*found.values(), *former.restored.values()] if not memory.is_locked]


def _nearest(vector: Sequence[float], pool: Sequence[Memory], vectors: Sequence[Sequence[float]]) -> Compared:
    scores = [sum(a * b for a, b in zip(vector, other, strict=True)) for other in vectors]
    places = sorted(range(len(pool)), key=lambda place: -scores[place])[:_COMPARED]
    near = [place for place in places if scores[place] >= _NEAR]
    return (
        [pool[place] for place in near],
        [Known(pool[place].content, scores[place], pool[place].said_at) for place in near],
    )
