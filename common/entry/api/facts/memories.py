"""`/v3/memories`: what is known of the user (CONTRACT section 3.4)."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field, RootModel

from common.core.errors import BadRequestError
from common.entry.api.facts.fields import (
    AnyCategories,
    Content,
    DocumentId,
    Offset,
    SomeTags,
    listed,
    new_value,
    todays,
)
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.memories import edit
from common.memories.edit import NewMemory
from common.models.base import Shape
from common.models.memory import Memory, MemoryView, Visibility

router = Router(prefix="/v3/memories", tags=["memories"], responses=responses(401))

_LARGEST_PAGE = 5000
_LARGEST_BATCH = 100
_LARGEST_HISTORY_PAGE = 500
_VISIBILITIES: dict[str, Visibility] = {"private": "private", "public": "public"}


class MemoryRequest(BaseModel):
    """A fact that the user tells."""

    content: Content
    category: str | None = Field(
        None, max_length=100, description="One that is not known counts as `system`", examples=["interesting"]
    )
    visibility: Visibility = "private"
    tags: SomeTags = Field(default_factory=list)

    def new(self) -> NewMemory:
        """As the use case takes it."""
        return NewMemory(
            content=self.content, category=todays(self.category), visibility=self.visibility, tags=self.tags
        )


class MemoriesRequest(BaseModel):
    """Several facts at once."""

    memories: list[MemoryRequest] = Field(min_length=1, max_length=_LARGEST_BATCH)


class MemoryIds(BaseModel):
    """Which memories."""

    memory_ids: list[DocumentId] = Field(min_length=1, max_length=_LARGEST_BATCH)


class RevertRequest(BaseModel):
    """Which former state, where the path names the memory; else an id of the client's own for this request."""

    operation_id: str = Field(min_length=1, max_length=1600, examples=["6f9e4c6e-4a0b-5a53-9f4e-0d5a2c1b7e10.0"])


class Deleted(Shape):
    """What was deleted."""

    status: Literal["Ok"] = "Ok"
    deleted_count: int


class MemoryList(RootModel[list[MemoryView]]):
    """Memories."""


@router.post("", responses=responses(409))
def create(user: User, body: MemoryRequest, once: OncePerKey) -> MemoryView:
    """Remember a fact; the same fact again is the same memory."""

    def work() -> MemoryView:
        [memory] = edit.add_memories([body.new()], uid=user, manual=True)
        return _shown(memory)

    return once(MemoryView, work, uid=user)


@router.post("/batch", responses=responses(409))
def create_many(user: User, body: MemoriesRequest, once: OncePerKey) -> MemoryList:
    """Remember up to 100 facts."""

    def work() -> MemoryList:
        added = edit.add_memories([each.new() for each in body.memories], uid=user, manual=True)
        return MemoryList([_shown(memory) for memory in added])

    return once(MemoryList, work, uid=user)


@router.get("", responses=responses(400))
def list_best(
    user: User,
    limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE)] = 100,
    offset: Offset = 0,
    categories: AnyCategories = "",
    device_scope: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> list[MemoryView]:
    """What the user said first, then what is interesting, then the rest; the newest first, nothing rejected."""
    if device_scope:
        # The app asks, and goes on without where the answer is 400.
        raise BadRequestError("Memories are not kept per device")
    wanted = [category for category in map(todays, listed(categories)) if category is not None]
    found = edit.list_memories(uid=user, limit=limit, offset=offset, categories=wanted or None)
    return [_shown(memory) for memory in found]


@router.delete("")
def delete_all(user: User) -> Ok:
    """Forget everything."""
    edit.delete_all_memories(uid=user)
    return Ok()


@router.delete("/batch")
def delete_many(user: User, body: MemoryIds) -> Deleted:
    """Forget up to 100 memories; those that do not exist are not counted."""
    return Deleted(deleted_count=len(edit.delete_memories(uid=user, memory_ids=body.memory_ids)))


@router.get("/ledger-history")
def list_former(
    user: User,
    limit: Annotated[int, Query(ge=1, le=_LARGEST_HISTORY_PAGE)] = 100,
    offset: Offset = 0,
) -> list[MemoryView]:
    """What memories said before they were changed, the latest change first; each of them can be reverted to."""
    return [_shown(memory) for memory in edit.list_former(uid=user, limit=limit, offset=offset)]


@router.get("/{memory_id}", responses=responses(402, 404))
def get(user: User, memory_id: str) -> MemoryView:
    """One memory."""
    return _shown(edit.get_memory(uid=user, memory_id=memory_id))


@router.patch("/{memory_id}", responses=responses(402, 404))
def change(user: User, memory_id: str, value: Annotated[str, Depends(new_value)]) -> Ok:
    """Let a memory say something else."""
    edit.edit_memory(uid=user, memory_id=memory_id, content=value)
    return Ok()


@router.delete("/{memory_id}", responses=responses(404))
def delete(user: User, memory_id: str) -> Ok:
    """Forget one memory and everything it ever said."""
    edit.delete_memory(uid=user, memory_id=memory_id)
    return Ok()


@router.post("/{memory_id}/review", responses=responses(402, 404))
def review(user: User, memory_id: str, *, value: bool) -> Ok:
    """Say whether a memory is true; one that is not is hidden from now on."""
    edit.review_memory(uid=user, memory_id=memory_id, value=value)
    return Ok()


@router.patch("/{memory_id}/visibility", responses=responses(400, 402, 404))
def change_visibility(
    user: User,
    memory_id: str,
    value: Annotated[str, Query(json_schema_extra={"enum": list(_VISIBILITIES)})],
) -> Ok:
    """Say who may see a memory."""
    visibility = _VISIBILITIES.get(value)
    if visibility is None:
        raise BadRequestError("value is neither private nor public")
    edit.edit_memory(uid=user, memory_id=memory_id, visibility=visibility)
    return Ok()


@router.patch("/{memory_id}/baseline", responses=responses(402, 404))
def change_baseline(user: User, memory_id: str, *, value: bool) -> Ok:
    """Say whether a memory belongs to what is always to be known."""
    edit.set_baseline(uid=user, memory_id=memory_id, value=value)
    return Ok()


@router.post("/{memory_id}/revert", responses=responses(402, 404))
def revert(user: User, memory_id: str, body: RevertRequest) -> MemoryView:
    """Let a memory say again what it said before."""
    return _shown(edit.revert_memory(uid=user, memory_id=memory_id, operation_id=body.operation_id))


def _shown(memory: Memory) -> MemoryView:
    return memory.with_todays_category()
