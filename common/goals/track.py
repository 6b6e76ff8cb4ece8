"""What a user does with goals: set, list, change, record how far it has come, give up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from common.core import clock
from common.core.errors import ConflictError, InvalidInputError
from common.core.ids import new_id
from common.database import goals, users
from common.models.goal import Goal, GoalProgress, GoalType

MOST_ACTIVE = 100
"""Goals pursued at a time."""


def add_goal(
    *,
    uid: str,
    title: str,
    goal_type: GoalType,
    target_value: float,
    current_value: float,
    min_value: float,
    max_value: float,
    unit: str | None,
    goal_id: str | None = None,
) -> Goal:
    """Set a goal; under an id that was used before, the one that was set then, as it is by now.

    Raises:
        InvalidInputError: the smallest value is larger than the largest.
        ConflictError: the user pursues too many.
    """
    there = goals.of(uid=uid).find(goal_id) if goal_id is not None else None
    if there is None and goals.count_active(uid=uid) >= MOST_ACTIVE:
        raise ConflictError(f"No more than {MOST_ACTIVE} goals can be active")
    now = clock.now()
    goal = Goal(
        id=goal_id or new_id(),
        title=title,
        goal_type=goal_type,
        target_value=target_value,
        current_value=current_value,
        min_value=min_value,
        max_value=max_value,
        unit=unit,
        created_at=now,
        updated_at=now,
    )
    return goals.ensure(there or _sensible(goal), uid=uid, day=_today(uid=uid))


def edit_goal(*, uid: str, goal_id: str, fields: Mapping[str, Any]) -> Goal:
    """Change what is named.

    Raises:
        NotFoundError: no such goal.
        InvalidInputError: the smallest value would be larger than the largest.
    """

    def edit(goal: Goal) -> Goal | None:
        return _sensible(goal.model_copy(update={**fields, "updated_at": clock.now()})) if fields else None

    day = _today(uid=uid) if "current_value" in fields else None
    return goals.change(uid=uid, goal_id=goal_id, decide=edit, day=day)


def record_progress(*, uid: str, goal_id: str, current_value: float) -> Goal:
    """Say how far it has come; of a day, what was said last stays.

    Raises:
        NotFoundError: no such goal.
    """
    return edit_goal(uid=uid, goal_id=goal_id, fields={"current_value": current_value})


def list_progress(*, uid: str, goal_id: str, days: int) -> list[GoalProgress]:
    """How far it had come on the days on which that changed, the latest first.

    Raises:
        NotFoundError: no such goal.
    """
    goals.of(uid=uid).get(goal_id)
    return list(goals.list_progress(uid=uid, goal_id=goal_id, today=_today(uid=uid), days=days))


def _today(*, uid: str) -> date:
    """The day that it is for the user."""
    return clock.now().astimezone(users.zone(uid=uid)).date()


def _sensible(goal: Goal) -> Goal:
    if goal.min_value > goal.max_value:
        raise InvalidInputError("min_value is larger than max_value")
    return goal
