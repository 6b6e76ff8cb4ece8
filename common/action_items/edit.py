"""What a user, or a program for the user, does with action items: add, list, read, edit, arrange, export, delete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.action_items.reminders import announce_due
from common.core import clock
from common.core.errors import LockedError
from common.database import action_items, forgotten
from common.database.action_items import Filters
from common.models.action_item import ActionItem, ActionItemChanges, wording_key

SHOWN_OF_LOCKED = 70
"""Characters of a locked description that are shown."""
_EXPORT_LIMIT = 500
_REMINDED_OF = {"description", "completed", "due_at"}
"""What a reminder depends on."""


@dataclass(frozen=True)
class NewActionItem:
    """Something to do."""

    description: str
    completed: bool = False
    due_at: datetime | None = None
    conversation_id: str | None = None
    is_locked: bool = False


def add_action_items(new: Sequence[NewActionItem], *, uid: str, app_id: str | None = None) -> list[ActionItem]:
    """Put them on the list; what is there already is found again. In their order."""
    now = clock.now()
    wanted = [
        ActionItem(
            id="",
            uid=uid,
            description=each.description,
            completed=each.completed,
            completed_at=now if each.completed else None,
            due_at=each.due_at,
            created_at=now,
            updated_at=now,
            conversation_id=each.conversation_id,
            is_locked=each.is_locked,
            app_id=app_id,
        )
        for each in new
    ]
    stored = [ensured.document for ensured in action_items.ensure(wanted, uid=uid)]
    # Those that were there, too: what stored them may have ended before it could say so.
    announce_due((item for item in stored if item.due_at), uid=uid, change="created")
    return stored


def add_action_item(
    *,
    uid: str,
    description: str,
    completed: bool = False,
    due_at: datetime | None = None,
    conversation_id: str | None = None,
    app_id: str | None = None,
) -> ActionItem:
    """The same for one."""
    new = NewActionItem(description, completed=completed, due_at=due_at, conversation_id=conversation_id)
    [item] = add_action_items([new], uid=uid, app_id=app_id)
    return item


def list_action_items(
    *, uid: str, limit: int, offset: int = 0, filters: Filters | None = None
) -> tuple[list[ActionItem], bool]:
    """A page of the list, and whether there are more; of what is locked only the beginning."""
    page, more = action_items.list_page(filters or Filters(), uid=uid, limit=limit, offset=offset)
    return [shown(item) for item in page], more


def get_action_item(*, uid: str, action_item_id: str) -> ActionItem:
    """One action item.

    Raises:
        NotFoundError: no such action item.
        LockedError: it is locked.
    """
    return _unlocked(action_items.of(uid=uid).get(action_item_id))


def edit_action_item(*, uid: str, action_item_id: str, changes: ActionItemChanges) -> ActionItem:
    """Change what is named.

    Raises:
        NotFoundError: no such action item.
        LockedError: it is locked.
    """
    fields = changes.fields()

    def edit(item: ActionItem) -> ActionItem | None:
        _unlocked(item)
        if all(getattr(item, name) == value for name, value in fields.items()):
            return None
        return item.model_copy(update=fields | _done(fields, item) | {"updated_at": clock.now(), "touched": True})

    item = action_items.of(uid=uid).change(action_item_id, edit)
    if item.due_at or "due_at" in fields:
        announce_due([item], uid=uid, change="changed")
    return item


def complete_action_item(*, uid: str, action_item_id: str, completed: bool) -> ActionItem:
    """Tick it off, or not.

    Raises:
        NotFoundError: no such action item.
        LockedError: it is locked.
    """
    return edit_action_item(uid=uid, action_item_id=action_item_id, changes=ActionItemChanges(completed=completed))


def arrange_action_items(changes: Mapping[str, ActionItemChanges], *, uid: str) -> list[str]:
    """Change many at once, by their ids; the ids of those that were: which exist and are not locked."""
    now = clock.now()
    fields = {item_id: each.fields() for item_id, each in changes.items()}
    updated = action_items.update_many(
        {item_id: named | _done(named) | {"updated_at": now, "touched": True} for item_id, named in fields.items()},
        uid=uid,
    )
    touched = action_items.of(uid=uid).find_many([each for each in updated if fields[each].keys() & _REMINDED_OF])
    due = [item for item in touched if item.due_at or "due_at" in fields[item.id]]
    announce_due(due, uid=uid, change="changed")
    return updated


def list_for_export(*, uid: str, platform: str) -> tuple[list[ActionItem], list[ActionItem]]:
    """What is not in the user's own task list yet, and what is; nothing that is locked."""
    pending = action_items.list_unexported(uid=uid, limit=_EXPORT_LIMIT)
    exported = action_items.list_exported(uid=uid, platform=platform, limit=_EXPORT_LIMIT)
    return [each for each in pending if not each.is_locked], [each for each in exported if not each.is_locked]


def list_changed(
    *, uid: str, limit: int, since: datetime | None = None, after: tuple[datetime, str] | None = None
) -> list[ActionItem]:
    """In the order of their last change; of what is locked only the beginning."""
    return [shown(item) for item in action_items.list_changed(uid=uid, limit=limit, since=since, after=after)]


def delete_action_item(*, uid: str, action_item_id: str) -> None:
    """Take it off the list.

    Raises:
        NotFoundError: no such action item.
    """
    store = action_items.of(uid=uid)
    item = store.get(action_item_id)
    _note_deleted([item], uid=uid)
    store.delete(action_item_id)
    announce_due([item] if item.due_at else [], uid=uid, change="deleted")


def delete_action_items(*, uid: str, action_item_ids: Sequence[str]) -> list[str]:
    """Take those off the list that exist; which these were."""
    store = action_items.of(uid=uid)
    found = store.find_many(list(dict.fromkeys(action_item_ids)))
    _note_deleted(found, uid=uid)
    store.delete_many(item.id for item in found)
    announce_due((item for item in found if item.due_at), uid=uid, change="deleted")
    return [item.id for item in found]


def shown(item: ActionItem) -> ActionItem:
    """As a list shows it: of a locked one only the beginning."""
    if not item.is_locked or len(item.description) <= SHOWN_OF_LOCKED:
        return item
    return item.model_copy(update={"description": f"{item.description[:SHOWN_OF_LOCKED]}…"})


def _note_deleted(items: Iterable[ActionItem], *, uid: str) -> None:
    """Note that their owner deletes items, so that the conversations they came from don't bring them back."""
    forgotten.put(
        (
            forgotten.note("action_item", item.wording or wording_key(item.description), conversation_id=conversation)
            for item in items
            if (conversation := item.conversation_id) is not None
        ),
        uid=uid,
    )


def _done(fields: Mapping[str, Any], item: ActionItem | None = None) -> dict[str, Any]:
    """When it was done, where `fields` say whether it is."""
    if "completed" not in fields:
        return {}
    if not fields["completed"]:
        return {"completed_at": None}
    return {"completed_at": (item.completed_at if item is not None and item.completed else None) or clock.now()}


def _unlocked(item: ActionItem) -> ActionItem:
    if item.is_locked:
        raise LockedError("This action item was made without credit")
    return item
