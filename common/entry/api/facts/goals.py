"""`/v1/goals`: what the user wants to reach, and how far that is."""

from typing import Annotated, Literal

from fastapi import Query

from common.database import goals
from common.entry.api.facts.goal_fields import Days, GoalChanges, GoalRequest, Value, add
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.goals.track import MOST_ACTIVE, edit_goal, list_progress, record_progress
from common.models.base import Shape
from common.models.goal import GoalProgress, GoalView

router = Router(prefix="/v1/goals", tags=["goals"], responses=responses(401))


class Deleted(Shape):
    """Which goal was deleted."""

    success: Literal[True] = True
    deleted_id: str


@router.get("")
def get_newest(user: User) -> GoalView | None:
    """The goal that was set last of those that are active; null where there is none."""
    newest = goals.list_newest(uid=user, limit=1, include_inactive=False)
    return newest[0] if newest else None


@router.get("/all")
def list_active(user: User) -> list[GoalView]:
    """Every active goal, the newest first."""
    return list(goals.list_newest(uid=user, limit=MOST_ACTIVE, include_inactive=False))


@router.post("", responses=responses(409))
def create(user: User, body: GoalRequest, once: OncePerKey) -> GoalView:
    """Set a goal."""
    return once(GoalView, lambda: add(body, uid=user, goal_id=once.id), uid=user)


@router.patch("/{goal_id}", responses=responses(404))
def change(user: User, goal_id: str, body: GoalChanges | None = None) -> GoalView:
    """Change what is named."""
    return edit_goal(uid=user, goal_id=goal_id, fields=(body or GoalChanges()).fields())


@router.patch("/{goal_id}/progress", responses=responses(404))
def progress(user: User, goal_id: str, current_value: Annotated[Value, Query()]) -> GoalView:
    """Say how far it has come."""
    return record_progress(uid=user, goal_id=goal_id, current_value=current_value)


@router.get("/{goal_id}/history", responses=responses(404))
def history(user: User, goal_id: str, days: Days = 30) -> list[GoalProgress]:
    """How far it had come on the days on which that was said, the latest first."""
    return list_progress(uid=user, goal_id=goal_id, days=days)


@router.delete("/{goal_id}", responses=responses(404))
def delete(user: User, goal_id: str) -> Deleted:
    """Give it up, with its history."""
    goals.delete(uid=user, goal_id=goal_id)
    return Deleted(deleted_id=goal_id)
