"""Tools for what is known about the user."""

from pydantic import Field

from common.chat.tools.base import Arguments, Output, Scope, tool
from common.memories.edit import list_memories
from common.memories.search import search_memories

NONE_FOUND = "Nothing is known."


class _List(Arguments):
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=100_000)


class _Search(Arguments):
    query: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="What to look for, in plain words")
    limit: int = Field(10, ge=1, le=100)


@tool(_List, doing="Recalling what I know about you")
def get_memories_tool(scope: Scope, asked: _List, key: str) -> Output:
    """List facts that are known about the user, the most important first."""
    del key
    found = list_memories(uid=scope.uid, limit=asked.limit, offset=asked.offset)
    return _output([each.content for each in found if not each.is_locked])


@tool(_Search, doing="Recalling what I know about you")
def search_memories_tool(scope: Scope, asked: _Search, key: str) -> Output:
    """Find facts about the user, by meaning, best first."""
    del key
    return _output([hit.memory.content for hit in search_memories(asked.query, uid=scope.uid, limit=asked.limit)])


def _output(facts: list[str]) -> Output:
    return Output("\n".join(f"- {fact}" for fact in facts) or NONE_FOUND)
