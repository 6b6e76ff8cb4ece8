"""Search in memories, by meaning and by words."""

from dataclasses import dataclass

from common.database import memories
from common.database.vectors import Namespace
from common.indexing.texts import find_nearest
from common.memories.index import findable
from common.models.memory import Memory


@dataclass(frozen=True)
class MemoryHit:
    """A memory found, and how good an answer it is: a cosine, plus what the question's own words add."""

    memory: Memory
    score: float


def search_memories(query: str, *, uid: str, limit: int) -> list[MemoryHit]:
    """What is known of the user about `query`, best first. What is deleted, rejected or locked is not found, at once.

    Raises:
        ProviderError: the query could not be embedded.
    """
    scores = {match.document_id: match.score for match in find_nearest(query, uid=uid, namespace=Namespace.MEMORIES)}
    found = memories.of(uid=uid).find_many(list(scores))
    return [MemoryHit(memory, scores[memory.id]) for memory in found if findable(memory)][:limit]
