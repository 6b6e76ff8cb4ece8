"""`/v1/dev/user/memories`: memories for programs (CONTRACT section 4.2), with the exact category."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from common.entry.api.facts.fields import DeveloperMemory, KnownCategories, Offset, SomeTags, Tags, known
from common.entry.api.identity import Developer
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Success, responses
from common.memories import edit
from common.memories.edit import NewMemory
from common.models.api_key import Scope
from common.models.base import Shape
from common.models.memory import MemoryCategory, Visibility

router = Router(prefix="/v1/dev/user/memories", tags=["developer"], responses=responses(401, 403, 429))

_LARGEST_PAGE = 200
_LARGEST_BATCH = 25

Reader = Annotated[str, Developer(Scope.READ_MEMORIES)]
Writer = Annotated[str, Developer(Scope.WRITE_MEMORIES)]
Content = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", examples=["Lives in Lisbon"])]


class DeveloperMemoryRequest(BaseModel):
    """A fact to remember; without a category it gets the one its words speak for."""

    content: Content
    category: MemoryCategory | None = None
    visibility: Visibility = "private"
    tags: SomeTags = Field(default_factory=list)

    def new(self) -> NewMemory:
        """As the use case takes it."""
        return NewMemory(content=self.content, category=self.category, visibility=self.visibility, tags=self.tags)


class DeveloperMemoriesRequest(BaseModel):
    """Several facts at once."""

    memories: list[DeveloperMemoryRequest] = Field(min_length=1, max_length=_LARGEST_BATCH)


class CreatedMemories(Shape):
    """The memories, in the order of the request."""

    memories: list[DeveloperMemory]
    created_count: int


class MemoryChanges(Shape):
    """What to change; what is not named stays."""

    content: Content | None = None
    category: MemoryCategory | None = None
    visibility: Visibility | None = None
    tags: Tags | None = None


@router.get("")
def list_best(
    user: Reader,
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE)] = 25,
    offset: Offset = 0,
    categories: KnownCategories = "",
) -> list[DeveloperMemory]:
    """What the user said first, then what is interesting, then the rest; the newest first, nothing rejected."""
    found = edit.list_memories(uid=user, limit=limit, offset=offset, categories=known(categories))
    return [DeveloperMemory.of(memory) for memory in found]


@router.post("", responses=responses(409))
def create(user: Writer, body: DeveloperMemoryRequest, once: OncePerKey) -> DeveloperMemory:
    """Remember a fact; the same fact again is the same memory."""

    def work() -> DeveloperMemory:
        [memory] = edit.add_memories([body.new()], uid=user, manual=True)
        return DeveloperMemory.of(memory)

    return once(DeveloperMemory, work, uid=user)


@router.post("/batch", responses=responses(409))
def create_many(user: Writer, body: DeveloperMemoriesRequest, once: OncePerKey) -> CreatedMemories:
    """Remember up to 25 facts."""

    def work() -> CreatedMemories:
        added = edit.add_memories([each.new() for each in body.memories], uid=user, manual=True)
        return CreatedMemories(memories=[DeveloperMemory.of(memory) for memory in added], created_count=len(added))

    return once(CreatedMemories, work, uid=user)


@router.patch("/{memory_id}", responses=responses(402, 404))
def change(user: Writer, memory_id: str, body: MemoryChanges | None = None) -> DeveloperMemory:
    """Change what is named."""
    changes = body or MemoryChanges()
    return DeveloperMemory.of(
        edit.edit_memory(
            uid=user,
            memory_id=memory_id,
            content=changes.content,
            category=changes.category,
            visibility=changes.visibility,
            tags=changes.tags,
        )
    )


@router.delete("/{memory_id}", responses=responses(404))
def delete(user: Writer, memory_id: str) -> Success:
    """Forget one memory and everything it ever said."""
    edit.delete_memory(uid=user, memory_id=memory_id)
    return Success()
