"""Collections `users/{uid}/goals` and, below each, `progress`: one document per day of the user's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import ConflictError
from common.database.documents import Documents
from common.database.firestore import DESCENDING, field_filter
from common.models.goal import Goal, StoredGoalProgress

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from google.cloud.firestore import Query

COLLECTION = "goals"
PROGRESS = "progress"
LIST_LIMIT = 200


def of(*, uid: str) -> Documents[Goal]:
    """A user's goals."""
    return Documents("users", uid, COLLECTION, model=Goal, noun="Goal")


def list_newest(*, uid: str, limit: int, include_inactive: bool) -> list[Goal]:
    """The newest first."""
    store = of(uid=uid)
    query: Query = store.collection.order_by("created_at", direction=DESCENDING)
    if not include_inactive:
        query = query.where(filter=field_filter("is_active", "==", value=True))
    return store.stream(query.limit(min(limit, LIST_LIMIT)))


def count_active(*, uid: str) -> int:
    """How many goals are pursued."""
    store = of(uid=uid)
    return store.count(store.collection.where(filter=field_filter("is_active", "==", value=True)))


def ensure(goal: Goal, *, uid: str, day: date) -> Goal:
    """Store a goal, and where it begins on `day`, unless there is one with its id: then that is meant, as it is."""
    try:
        of(uid=uid).create(goal)
    except ConflictError:
        goal = of(uid=uid).get(goal.id)
    _progress(uid=uid, goal_id=goal.id).put(_on(day, goal))
    return goal


def change(*, uid: str, goal_id: str, decide: Callable[[Goal], Goal | None], day: date | None) -> Goal:
    """Apply a pure decision (see `Documents.change`); if it says how far the goal has come on a `day`, that is noted.

    Raises:
        NotFoundError: there is none.
    """

    def beside(_before: Goal, after: Goal) -> dict[str, StoredGoalProgress]:
        if day is None:
            return {}
        progress = _on(day, after)
        return {f"users/{uid}/{COLLECTION}/{goal_id}/{PROGRESS}/{progress.id}": progress}

    return of(uid=uid).change(goal_id, decide, beside=beside)


def list_progress(*, uid: str, goal_id: str, today: date, days: int) -> list[StoredGoalProgress]:
    """Where the goal stood on the days of the last `days` on which that changed, the latest first."""
    store = _progress(uid=uid, goal_id=goal_id)
    since = today - timedelta(days=days - 1)
    query = store.collection.where(filter=field_filter("date", ">=", since.isoformat()))
    return store.stream(query.order_by("date", direction=DESCENDING).limit(days + 1))


def delete(*, uid: str, goal_id: str) -> None:
    """Delete a goal and its history.

    Raises:
        NotFoundError: there is none.
    """
    of(uid=uid).delete(goal_id)
    deletions.tell(Deletion.GOAL, goal_id, uid=uid)
    store = _progress(uid=uid, goal_id=goal_id)
    store.delete_found(store.collection)


def _progress(*, uid: str, goal_id: str) -> Documents[StoredGoalProgress]:
    return Documents("users", uid, COLLECTION, goal_id, PROGRESS, model=StoredGoalProgress, noun="Progress")


def _on(day: date, goal: Goal) -> StoredGoalProgress:
    name = day.isoformat()
    return StoredGoalProgress(id=name, date=name, value=goal.current_value, recorded_at=clock.now())
