"""Tools for what is known about the user."""

from pydantic import Field

from common.entry.mcp.tools import Arguments, Result, Tool, reads, writes
from common.memories import edit
from common.memories.search import search_memories as find_memories
from common.models.memory import Memory, MemoryCategory

_CONTENT = Field(min_length=1, max_length=10_000, pattern=r"\S", description="The fact, in a sentence")


class ListArguments(Arguments):
    """Which facts."""

    categories: list[MemoryCategory] = Field(default_factory=list, max_length=20, description="Only these; none: all")
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0, le=100_000)


class SearchArguments(Arguments):
    """A question."""

    query: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="What to look for, in plain words")
    limit: int = Field(10, ge=1, le=100)


class NewFact(Arguments):
    """A fact."""

    content: str = _CONTENT
    category: MemoryCategory | None = Field(None, description="Left out: the one its words speak for")


class NewFacts(Arguments):
    """Several facts."""

    memories: list[NewFact] = Field(min_length=1, max_length=25)


class Edit(Arguments):
    """A fact, and what it shall say."""

    memory_id: str = Field(min_length=1, max_length=1500)
    content: str = _CONTENT


class ById(Arguments):
    """A fact."""

    memory_id: str = Field(min_length=1, max_length=1500)


@reads(ListArguments)
def get_memories(uid: str, asked: ListArguments) -> Result:
    """List what is known about the user: what they said themselves first, then what is interesting, then the rest."""
    found = edit.list_memories(uid=uid, limit=asked.limit, offset=asked.offset, categories=asked.categories or None)
    return {"memories": [_brief(memory) for memory in found]}


@reads(SearchArguments)
def search_memories(uid: str, asked: SearchArguments) -> Result:
    """Find what is known about something, by meaning, best first."""
    hits = find_memories(asked.query, uid=uid, limit=asked.limit)
    return {"memories": [{**_brief(hit.memory), "score": hit.score} for hit in hits]}


@writes(NewFact)
def create_memory(uid: str, asked: NewFact) -> Result:
    """Remember a fact about the user; the same fact again is the same memory."""
    memory = edit.add_memory(uid=uid, content=asked.content, category=asked.category, manual=True)
    return {"success": True, "memory": _brief(memory)}


@writes(NewFacts)
def create_memories(uid: str, asked: NewFacts) -> Result:
    """Remember several facts about the user at once."""
    new = [edit.NewMemory(content=each.content, category=each.category) for each in asked.memories]
    return {"success": True, "memories": [_brief(memory) for memory in edit.add_memories(new, uid=uid, manual=True)]}


@writes(Edit)
def edit_memory(uid: str, asked: Edit) -> Result:
    """Let a memory say something else."""
    edit.edit_memory(uid=uid, memory_id=asked.memory_id, content=asked.content)
    return {"success": True}


@writes(ById)
def delete_memory(uid: str, asked: ById) -> Result:
    """Forget a memory."""
    edit.delete_memory(uid=uid, memory_id=asked.memory_id)
    return {"success": True}


def _brief(memory: Memory) -> Result:
    return {"id": memory.id, "content": memory.content, "category": memory.category.value}


MEMORY_TOOLS: tuple[Tool, ...] = (
    get_memories,
    search_memories,
    create_memory,
    create_memories,
    edit_memory,
    delete_memory,
)
