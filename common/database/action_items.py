"""Collection `users/{uid}/action_items`: what a user has to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.core.errors import ConflictError
from common.database import refusals
from common.database.clients import firestore_client
from common.database.derived import Ensured, ensure_many
from common.database.documents import WRITE_LIMIT, Documents
from common.database.firestore import DESCENDING, field_filter
from common.database.pages import read_page
from common.models.action_item import ActionItem, action_item_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from google.cloud.firestore import Query

COLLECTION = "action_items"
_TRIES = 3


@dataclass(frozen=True)
class Filters:
    """Which action items; None does not matter. Times are inclusive."""

    completed: bool | None = None
    conversation_id: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None

    @property
    def by_due_date(self) -> bool:
        """Whether it matters when they are due."""
        return self.due_from is not None or self.due_until is not None


def of(*, uid: str) -> Documents[ActionItem]:
    """A user's action items."""
    return Documents("users", uid, COLLECTION, model=ActionItem, noun="Action item", triggers=True)


def list_page(filters: Filters, *, uid: str, limit: int, offset: int = 0) -> tuple[list[ActionItem], bool]:
    """The newest first, or what is due first where that is asked for; and whether there are more."""
    store = of(uid=uid)
    query = store.collection.order_by("due_at") if filters.by_due_date else store.collection
    query = _filtered(query.order_by("created_at", direction=DESCENDING), filters)
    named = f"action_items:{uid}:{filters!r}"
    page = read_page(query, within=store.collection, limit=limit, offset=offset, of=named, peek=True)
    return store.decoded(page[:limit]), len(page) > limit


def list_changed(
    *, uid: str, limit: int, since: datetime | None = None, after: tuple[datetime, str] | None = None
) -> list[ActionItem]:
    """What was changed last comes last.

    Args:
        uid: the owner.
        limit: items at most.
        since: only what was changed then or later.
        after: only what comes after the item that was changed then and has this id.
    """
    store = of(uid=uid)
    query = store.collection.order_by("updated_at").order_by("__name__")
    if since is not None:
        query = query.where(filter=field_filter("updated_at", ">=", since))
    if after is not None:
        changed_at, last_id = after
        query = query.start_after({"updated_at": changed_at, "__name__": store.reference(last_id)})
    return store.stream(query.limit(limit))


def list_unexported(*, uid: str, limit: int) -> list[ActionItem]:
    """What is to be done and not in the user's own task list yet, the newest first."""
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("exported", "==", value=False))
    query = query.where(filter=field_filter("completed", "==", value=False))
    return store.stream(query.order_by("created_at", direction=DESCENDING).limit(limit))


def list_exported(*, uid: str, platform: str, limit: int) -> list[ActionItem]:
    """What is in the user's own task list on a platform, the latest change first."""
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("exported", "==", value=True))
    query = query.where(filter=field_filter("export_platform", "==", platform))
    return store.stream(query.order_by("updated_at", direction=DESCENDING).limit(limit))


def ensure(wanted: Sequence[ActionItem], *, uid: str) -> list[Ensured[ActionItem]]:
    """Store what is not on the list yet.

    What a conversation yields is the same however often it is processed. What a person writes down again after doing
    it is meant to be done again.
    """

    def in_generation(item: ActionItem) -> Callable[[int], ActionItem]:
        return lambda generation: item.model_copy(
            update={"id": action_item_id(uid=uid, description=item.description, generation=generation)}
        )

    def stands_for(there: ActionItem, new: ActionItem) -> bool:
        if there.description != new.description:
            return False
        return not there.completed or new.completed or new.conversation_id is not None

    return ensure_many(of(uid=uid), [in_generation(item) for item in wanted], stands_for=stands_for)


def update_many(changes: Mapping[str, Mapping[str, Any]], *, uid: str) -> list[str]:
    """Set fields of many, by their ids; the ids of those that exist and are not locked, in their order.

    Raises:
        ConflictError: somebody keeps deleting them.
    """
    store = of(uid=uid)
    client = firestore_client()
    for _ in range(_TRIES):
        existing = [item.id for item in store.find_many(list(changes)) if not item.is_locked]
        try:
            for at in range(0, len(existing), WRITE_LIMIT):
                batch = client.batch()
                for item_id in existing[at : at + WRITE_LIMIT]:
                    place = store.reference(item_id)
                    batch.update(place, store.storable(changes[item_id], place))
                batch.commit()
        except refusals.NotFound:
            continue  # one was deleted just now: look again
        return existing
    raise ConflictError("The action items are being deleted")


def _filtered(query: Query, filters: Filters) -> Query:
    conditions: list[tuple[str, str, Any]] = [
        ("completed", "==", filters.completed),
        ("conversation_id", "==", filters.conversation_id),
        ("created_at", ">=", filters.created_from),
        ("created_at", "<=", filters.created_until),
        ("due_at", ">=", filters.due_from),
        ("due_at", "<=", filters.due_until),
    ]
    for field, operator, value in conditions:
        if value is not None:
            query = query.where(filter=field_filter(field, operator, value))
    return query
