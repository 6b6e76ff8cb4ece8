"""`/v1/dev/user/action-items`: action items for programs (CONTRACT section 4.2)."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from common.action_items import edit
from common.action_items.edit import NewActionItem
from common.database.action_items import Filters
from common.entry.api.facts.fields import LARGEST_PAGE, Offset
from common.entry.api.identity import Developer
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Success, responses
from common.models.action_item import ActionItemChanges, ActionItemView
from common.models.api_key import Scope
from common.models.base import Shape
from common.models.given import GivenEnd, GivenMoment

router = Router(prefix="/v1/dev/user/action-items", tags=["developer"], responses=responses(401, 403, 429))

_LARGEST_BATCH = 50

Reader = Annotated[str, Developer(Scope.READ_ACTION_ITEMS)]
Writer = Annotated[str, Developer(Scope.WRITE_ACTION_ITEMS)]
Description = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", examples=["Call the landlord"])]


class DeveloperActionItemRequest(BaseModel):
    """Something to do."""

    description: Description
    completed: bool = False
    due_at: GivenMoment | None = Field(None, examples=["2026-05-04T12:00:00Z"])

    def new(self) -> NewActionItem:
        """As the use case takes it."""
        return NewActionItem(self.description, completed=self.completed, due_at=self.due_at)


class DeveloperActionItemsRequest(BaseModel):
    """Several things to do."""

    action_items: list[DeveloperActionItemRequest] = Field(min_length=1, max_length=_LARGEST_BATCH)


class DeveloperCreatedActionItems(Shape):
    """The action items, in the order of the request."""

    action_items: list[ActionItemView]
    created_count: int


class DeveloperActionItemChanges(Shape):
    """What to change; what is not named stays, a time that is null is cleared."""

    description: Description | None = None
    completed: bool | None = None
    due_at: GivenMoment | None = None


@router.get("")
def list_page(
    user: Reader,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    offset: Offset = 0,
    *,
    completed: bool | None = None,
    conversation_id: Annotated[str | None, Query(max_length=1500)] = None,
    start_date: Annotated[GivenMoment | None, Query(description="Created then or later")] = None,
    end_date: Annotated[GivenEnd | None, Query(description="Created then or earlier")] = None,
) -> list[ActionItemView]:
    """The newest first."""
    filters = Filters(
        completed=completed, conversation_id=conversation_id, created_from=start_date, created_until=end_date
    )
    items, _ = edit.list_action_items(uid=user, limit=limit, offset=offset, filters=filters)
    return list(items)


@router.post("", responses=responses(409))
def create(user: Writer, body: DeveloperActionItemRequest, once: OncePerKey) -> ActionItemView:
    """Put something on the list; what is there already, and not done, is answered."""

    def work() -> ActionItemView:
        [item] = edit.add_action_items([body.new()], uid=user)
        return item

    return once(ActionItemView, work, uid=user)


@router.post("/batch", responses=responses(409))
def create_many(user: Writer, body: DeveloperActionItemsRequest, once: OncePerKey) -> DeveloperCreatedActionItems:
    """Put up to 50 things on the list."""

    def work() -> DeveloperCreatedActionItems:
        added = edit.add_action_items([each.new() for each in body.action_items], uid=user)
        return DeveloperCreatedActionItems(action_items=list(added), created_count=len(added))

    return once(DeveloperCreatedActionItems, work, uid=user)


@router.patch("/{action_item_id}", responses=responses(402, 404))
def change(user: Writer, action_item_id: str, body: DeveloperActionItemChanges | None = None) -> ActionItemView:
    """Change what is named."""
    named = body.model_dump(exclude_unset=True) if body is not None else {}
    return edit.edit_action_item(uid=user, action_item_id=action_item_id, changes=ActionItemChanges(**named))


@router.delete("/{action_item_id}", responses=responses(404))
def delete(user: Writer, action_item_id: str) -> Success:
    """Take it off the list."""
    edit.delete_action_item(uid=user, action_item_id=action_item_id)
    return Success()
