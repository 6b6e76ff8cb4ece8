"""`/v1/mcp/memories` and `/v1/mcp/action-items`: facts for MCP servers (CONTRACT section 4.3)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from common.action_items import edit as action_items
from common.entry.api.facts.fields import (
    LARGEST_PAGE,
    AnyCategories,
    Content,
    DeveloperMemory,
    Offset,
    Question,
    SomeTags,
    if_known,
    listed,
    new_value,
)
from common.entry.api.identity import McpUser
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.memories import edit
from common.memories.edit import NewMemory
from common.memories.search import search_memories
from common.models.action_item import ActionItem, ActionItemView
from common.models.base import Shape
from common.models.given import GivenMoment
from common.models.memory import Memory, MemoryCategory, Visibility

router = Router(prefix="/v1/mcp", tags=["mcp"], responses=responses(401, 429))

_MOST_HITS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class McpMemory(Shape):
    """A memory, as briefly as a language model needs it; with the category that was given."""

    id: str
    content: str
    category: MemoryCategory


class FoundMemory(McpMemory):
    """The same, and how good an answer it is, of 1."""

    score: float = Field(le=1.0)


class McpMemoryRequest(BaseModel):
    """A fact to remember; without a category that is known it gets the one its words speak for."""

    content: Content
    category: str | None = Field(None, max_length=100, examples=["habits"])
    visibility: Visibility = "private"
    tags: SomeTags = Field(default_factory=list)


@router.get("/memories")
def list_best(
    user: McpUser,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 25,
    offset: Offset = 0,
    categories: AnyCategories = "",
) -> list[McpMemory]:
    """What the user said first, then what is interesting, then the rest; categories that are not known are ignored."""
    wanted = [category for category in map(if_known, listed(categories)) if category is not None]
    found = edit.list_memories(uid=user, limit=limit, offset=offset, categories=wanted or None)
    return [_brief(memory) for memory in found]


@router.post("/memories", responses=responses(409))
def create(user: McpUser, body: McpMemoryRequest, once: OncePerKey) -> DeveloperMemory:
    """Remember a fact; the same fact again is the same memory."""
    new = NewMemory(content=body.content, category=if_known(body.category), visibility=body.visibility, tags=body.tags)

    def work() -> DeveloperMemory:
        [memory] = edit.add_memories([new], uid=user, manual=True)
        return DeveloperMemory.of(memory)

    return once(DeveloperMemory, work, uid=user)


@router.get("/memories/search")
def search(user: McpUser, query: Question, limit: Annotated[int, Query(ge=1, le=_MOST_HITS)] = 10) -> list[FoundMemory]:
    """What is known about something, best first."""
    hits = search_memories(query, uid=user, limit=limit)
    return [FoundMemory(**_brief(hit.memory).model_dump(), score=min(1.0, hit.score)) for hit in hits]


@router.patch("/memories/{memory_id}", responses=responses(402, 404))
def change(user: McpUser, memory_id: str, value: Annotated[str, Depends(new_value)]) -> Done:
    """Let a memory say something else."""
    edit.edit_memory(uid=user, memory_id=memory_id, content=value)
    return Done()


@router.delete("/memories/{memory_id}", responses=responses(404))
def delete(user: McpUser, memory_id: str) -> Done:
    """Forget one memory and everything it ever said."""
    edit.delete_memory(uid=user, memory_id=memory_id)
    return Done()


@router.get("/action-items")
def list_action_items(
    user: McpUser,
    response: Response,
    updated_since: GivenMoment | None = None,
    cursor: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9]{1,16}\.[A-Za-z0-9][A-Za-z0-9_-]{0,199}$",
            description="What the header `X-Next-Cursor` of the page before says",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
) -> list[ActionItemView]:
    """What is to be done or was done, the latest change last; `X-Next-Cursor` leads on to the next page."""
    after = _position(cursor) if cursor else None
    page = action_items.list_changed(uid=user, limit=limit + 1, since=updated_since, after=after)
    if len(page) > limit:
        response.headers["X-Next-Cursor"] = _cursor(page[limit - 1])
    return list(page[:limit])


def _brief(memory: Memory) -> McpMemory:
    return McpMemory(id=memory.id, content=memory.content, category=memory.category)


def _cursor(item: ActionItem) -> str:
    return f"{(item.updated_at - _EPOCH) // _MICROSECOND:d}.{item.id}"


def _position(cursor: str) -> tuple[datetime, str]:
    microseconds, _, item_id = cursor.partition(".")
    return _EPOCH + int(microseconds) * _MICROSECOND, item_id
