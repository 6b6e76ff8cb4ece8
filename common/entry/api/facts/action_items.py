"""`/v1/action-items`: what is to be done (CONTRACT section 3.3)."""

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel, Field

from common.action_items import edit
from common.action_items.edit import NewActionItem
from common.action_items.search import search_action_items
from common.database.action_items import Filters
from common.entry.api.facts.fields import LARGEST_PAGE, DocumentId, Offset, Question
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.action_item import (
    DEEPEST_INDENT,
    LARGEST_SORT_ORDER,
    LONGEST_DESCRIPTION,
    ActionItemChanges,
    ActionItemView,
)
from common.models.base import Shape
from common.models.given import GivenEnd, GivenMoment

router = Router(prefix="/v1/action-items", tags=["action items"], responses=responses(401))

_MOST_HITS = 50
_LARGEST_BATCH = 50
_LARGEST_ARRANGEMENT = 500
_LARGEST_SYNC = 100


class ActionItemRequest(BaseModel):
    """Something to do."""

    description: str = Field(
        min_length=1, max_length=LONGEST_DESCRIPTION, pattern=r"\S", examples=["Call the landlord"]
    )
    completed: bool = False
    due_at: GivenMoment | None = Field(None, examples=["2026-05-04T12:00:00Z"])
    conversation_id: DocumentId | None = None

    def new(self) -> NewActionItem:
        """As the use case takes it."""
        return NewActionItem(
            self.description, completed=self.completed, due_at=self.due_at, conversation_id=self.conversation_id
        )


class ActionItemsRequest(Shape):
    """Several things to do."""

    action_items: list[ActionItemRequest] = Field(min_length=1, max_length=_LARGEST_BATCH)


BareActionItems = Annotated[list[ActionItemRequest], Field(min_length=1, max_length=_LARGEST_BATCH)]


class CreatedActionItems(Shape):
    """The action items, in the order of the request."""

    action_items: list[ActionItemView]
    created_count: int


class ActionItemPage(Shape):
    """Action items, and whether there are more."""

    action_items: list[ActionItemView]
    has_more: bool


class Position(Shape):
    """Where an action item stands in the user's own order."""

    id: DocumentId
    sort_order: int | None = Field(None, ge=-LARGEST_SORT_ORDER, le=LARGEST_SORT_ORDER)
    indent_level: int | None = Field(None, ge=0, le=DEEPEST_INDENT)


class Arrangement(BaseModel):
    """Where many stand."""

    items: list[Position] = Field(min_length=1, max_length=_LARGEST_ARRANGEMENT)


class SyncedItem(ActionItemChanges):
    """What the user's own task list says of an action item."""

    id: DocumentId


class SyncRequest(BaseModel):
    """What it says of many."""

    items: list[SyncedItem] = Field(min_length=1, max_length=_LARGEST_SYNC)


class Updated(Shape):
    """How many were changed; those that do not exist are not."""

    status: Literal["ok"] = "ok"
    updated_count: int


class ForExport(Shape):
    """What is not in the user's own task list yet, and what is; 500 of each at most."""

    pending_export: list[ActionItemView]
    synced_items: list[ActionItemView]


class ActionItemIds(BaseModel):
    """Which action items."""

    ids: list[DocumentId] = Field(min_length=1, max_length=_LARGEST_ARRANGEMENT)


class Deleted(Shape):
    """Which were deleted; those that do not exist are not."""

    status: Literal["ok"] = "ok"
    deleted_count: int
    deleted_ids: list[str]


@router.post("", responses=responses(409))
def create(user: User, body: ActionItemRequest, once: OncePerKey) -> ActionItemView:
    """Put something on the list; what is there already, and not done, is answered."""

    def work() -> ActionItemView:
        [item] = edit.add_action_items([body.new()], uid=user)
        return item

    return once(ActionItemView, work, uid=user)


@router.post("/batch", responses=responses(409))
def create_many(user: User, body: ActionItemsRequest | BareActionItems, once: OncePerKey) -> CreatedActionItems:
    """Put up to 50 things on the list."""
    wanted = body.action_items if isinstance(body, ActionItemsRequest) else body

    def work() -> CreatedActionItems:
        added = edit.add_action_items([each.new() for each in wanted], uid=user)
        return CreatedActionItems(action_items=list(added), created_count=len(added))

    return once(CreatedActionItems, work, uid=user)


@router.get("")
def list_page(
    user: User,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
    offset: Offset = 0,
    *,
    completed: bool | None = None,
    conversation_id: Annotated[str | None, Query(max_length=1500)] = None,
    start_date: Annotated[GivenMoment | None, Query(description="Created then or later")] = None,
    end_date: Annotated[GivenEnd | None, Query(description="Created then or earlier")] = None,
    due_start_date: Annotated[GivenMoment | None, Query(description="Due then or later")] = None,
    due_end_date: Annotated[GivenEnd | None, Query(description="Due then or earlier")] = None,
) -> ActionItemPage:
    """The newest first; what is due first where that is asked for."""
    filters = Filters(
        completed=completed,
        conversation_id=conversation_id,
        created_from=start_date,
        created_until=end_date,
        due_from=due_start_date,
        due_until=due_end_date,
    )
    items, more = edit.list_action_items(uid=user, limit=limit, offset=offset, filters=filters)
    return ActionItemPage(action_items=list(items), has_more=more)


@router.get("/search")
def search(user: User, query: Question, limit: Annotated[int, Query(ge=1, le=_MOST_HITS)] = 10) -> list[ActionItemView]:
    """What is or was to be done about something, best first."""
    return list(search_action_items(query, uid=user, limit=limit))


@router.get("/pending-sync")
def list_for_export(user: User, platform: Literal["apple_reminders"] = "apple_reminders") -> ForExport:
    """What the user's own task list lacks, and what it has."""
    pending, exported = edit.list_for_export(uid=user, platform=platform)
    return ForExport(pending_export=list(pending), synced_items=list(exported))


@router.patch("/sync-batch", responses=responses(409))
def sync(user: User, body: SyncRequest) -> Updated:
    """Take over what the user's own task list says, of up to 100 action items."""
    changes = {item.id: ActionItemChanges(**item.model_dump(exclude_unset=True, exclude={"id"})) for item in body.items}
    return Updated(updated_count=len(edit.arrange_action_items(changes, uid=user)))


@router.patch("/batch", responses=responses(409))
def arrange(user: User, body: Arrangement) -> Updated:
    """Put up to 500 action items into another order."""
    changes = {item.id: ActionItemChanges(**item.model_dump(exclude_unset=True, exclude={"id"})) for item in body.items}
    return Updated(updated_count=len(edit.arrange_action_items(changes, uid=user)))


@router.post("/batch-delete")
def delete_many(user: User, body: ActionItemIds) -> Deleted:
    """Take up to 500 action items off the list."""
    deleted = edit.delete_action_items(uid=user, action_item_ids=body.ids)
    return Deleted(deleted_count=len(deleted), deleted_ids=deleted)


@router.get("/{action_item_id}", responses=responses(402, 404))
def get(user: User, action_item_id: str) -> ActionItemView:
    """One action item."""
    return edit.get_action_item(uid=user, action_item_id=action_item_id)


@router.patch("/{action_item_id}", responses=responses(402, 404))
def change(user: User, action_item_id: str, body: ActionItemChanges | None = None) -> ActionItemView:
    """Change what is named; a time that is null is cleared."""
    return edit.edit_action_item(uid=user, action_item_id=action_item_id, changes=body or ActionItemChanges())


@router.patch("/{action_item_id}/completed", responses=responses(402, 404))
def complete(user: User, action_item_id: str, *, completed: bool) -> ActionItemView:
    """Tick it off, or not."""
    return edit.complete_action_item(uid=user, action_item_id=action_item_id, completed=completed)


@router.delete("/{action_item_id}", status_code=204, response_class=Response, responses=responses(404))
def delete(user: User, action_item_id: str) -> None:
    """Take it off the list."""
    edit.delete_action_item(uid=user, action_item_id=action_item_id)
