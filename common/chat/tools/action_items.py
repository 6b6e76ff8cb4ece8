"""Tools for what is to be done; they change the list only when the user asks for it."""

from pydantic import Field

from common.action_items.edit import add_action_item, edit_action_item, list_action_items
from common.action_items.search import search_action_items
from common.chat.tools.base import Arguments, Output, Scope, ZonedMoment, tool
from common.chat.tools.conversations import local
from common.database.action_items import Filters
from common.models.action_item import ActionItem, ActionItemChanges

NONE_FOUND = "No tasks found."
_LOOKED_AT = 240
"""Of those that are about something, the nearest."""
_DESCRIPTION = Field(min_length=1, max_length=500, pattern=r"\S", description="What is to be done")


class _List(Arguments):
    completed: bool | None = Field(None, description="Only those done, or only those not done; left out: all")
    query: str | None = Field(None, max_length=2000, description="What they are about; left out: anything")
    due_start_date: ZonedMoment | None = Field(None, description="ISO 8601 with timezone; due then or later")
    due_end_date: ZonedMoment | None = Field(None, description="The same; due then or earlier")
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=100_000)


class _New(Arguments):
    description: str = _DESCRIPTION
    due_at: ZonedMoment | None = Field(None, description="ISO 8601 with timezone")


class _Edit(Arguments):
    action_item_id: str = Field(min_length=1, max_length=1500, description="As get_action_items_tool shows it")
    description: str | None = Field(None, min_length=1, max_length=500, pattern=r"\S")
    completed: bool | None = None
    due_at: ZonedMoment | None = Field(None, description="null takes the date away")


@tool(_List, doing="Checking your tasks")
def get_action_items_tool(scope: Scope, asked: _List, key: str) -> Output:
    """List what the user has to do or has done, newest first, with ids for update_action_item_tool."""
    del key
    if asked.query and asked.query.strip():
        nearest = search_action_items(asked.query, uid=scope.uid, limit=_LOOKED_AT)
        found = [each for each in nearest if _is_asked_for(each, asked)][asked.offset : asked.offset + asked.limit]
    else:
        filters = Filters(completed=asked.completed, due_from=asked.due_start_date, due_until=asked.due_end_date)
        found, _ = list_action_items(uid=scope.uid, limit=asked.limit, offset=asked.offset, filters=filters)
    return Output("\n".join(_line(each, scope) for each in found) or NONE_FOUND)


@tool(_New, doing="Adding a task", changes=True)
def create_action_item_tool(scope: Scope, asked: _New, key: str) -> Output:
    """Note something the user has to do; the same description again is the same task."""
    del key  # tasks are told apart by what they say: doing it again finds what is there
    return Output(_line(add_action_item(uid=scope.uid, description=asked.description, due_at=asked.due_at), scope))


@tool(_Edit, doing="Updating a task", changes=True)
def update_action_item_tool(scope: Scope, asked: _Edit, key: str) -> Output:
    """Change a task or tick it off; what is left out stays."""
    del key
    changes = ActionItemChanges.model_validate(asked.model_dump(exclude={"action_item_id"}, exclude_unset=True))
    item = edit_action_item(uid=scope.uid, action_item_id=asked.action_item_id, changes=changes)
    return Output(_line(item, scope))


def _is_asked_for(item: ActionItem, asked: _List) -> bool:
    if asked.completed not in (None, item.completed):
        return False
    if asked.due_start_date is None and asked.due_end_date is None:
        return True
    if item.due_at is None:
        return False
    late = asked.due_end_date is not None and item.due_at > asked.due_end_date
    return not late and (asked.due_start_date is None or item.due_at >= asked.due_start_date)


def _line(item: ActionItem, scope: Scope) -> str:
    due = f", due {local(item.due_at, scope.zone)}" if item.due_at else ""
    return f"- [{'x' if item.completed else ' '}] {item.description}{due} (id {item.id})"
