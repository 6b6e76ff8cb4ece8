"""Tools for what is to be done."""

from pydantic import Field

from common.action_items import edit
from common.database.action_items import Filters
from common.entry.mcp.tools import Arguments, Result, Tool, reads, writes
from common.models.action_item import ActionItem, ActionItemChanges
from common.models.given import GivenEnd, GivenMoment

_DESCRIPTION = Field(min_length=1, max_length=500, pattern=r"\S", description="What is to be done")


class ListArguments(Arguments):
    """Which action items."""

    completed: bool | None = Field(None, description="Only those done, or only those not done; left out: all")
    start_date: GivenMoment | None = Field(None, description="Created then or later: ISO 8601, or a day as yyyy-mm-dd")
    end_date: GivenEnd | None = Field(None, description="The same; a day means all of it")
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=100_000)


class NewItem(Arguments):
    """Something to do."""

    description: str = _DESCRIPTION
    due_at: GivenMoment | None = None


class Edit(Arguments):
    """An action item, and what changes of it."""

    action_item_id: str = Field(min_length=1, max_length=1500)
    description: str | None = Field(None, min_length=1, max_length=500, pattern=r"\S")
    completed: bool | None = None
    due_at: GivenMoment | None = Field(None, description="null takes the date away")


class ById(Arguments):
    """An action item."""

    action_item_id: str = Field(min_length=1, max_length=1500)


@reads(ListArguments)
def get_action_items(uid: str, asked: ListArguments) -> Result:
    """List what the user has to do or has done, newest first."""
    filters = Filters(completed=asked.completed, created_from=asked.start_date, created_until=asked.end_date)
    found, more = edit.list_action_items(uid=uid, limit=asked.limit, offset=asked.offset, filters=filters)
    return {"action_items": [_brief(item) for item in found], "has_more": more}


@writes(NewItem)
def create_action_item(uid: str, asked: NewItem) -> Result:
    """Note something the user has to do; the same description again is the same action item."""
    item = edit.add_action_item(uid=uid, description=asked.description, due_at=asked.due_at)
    return {"success": True, "action_item": _brief(item)}


@writes(Edit)
def update_action_item(uid: str, asked: Edit) -> Result:
    """Change an action item; what is left out stays."""
    changes = ActionItemChanges.model_validate(asked.model_dump(exclude={"action_item_id"}, exclude_unset=True))
    item = edit.edit_action_item(uid=uid, action_item_id=asked.action_item_id, changes=changes)
    return {"success": True, "action_item": _brief(item)}


@writes(ById)
def complete_action_item(uid: str, asked: ById) -> Result:
    """Mark an action item as done."""
    item = edit.complete_action_item(uid=uid, action_item_id=asked.action_item_id, completed=True)
    return {"success": True, "action_item": _brief(item)}


def _brief(item: ActionItem) -> Result:
    shown = item.to_json()
    return {name: shown[name] for name in ("id", "description", "completed", "created_at", "due_at", "conversation_id")}


ACTION_ITEM_TOOLS: tuple[Tool, ...] = (get_action_items, create_action_item, update_action_item, complete_action_item)
