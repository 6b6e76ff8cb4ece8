"""`/v1/dev/user/goals`: goals for programs (CONTRACT section 4.2)."""

from typing import Annotated

from fastapi import Query

from common.database import goals
from common.entry.api.facts.goal_fields import Days, GoalChanges, GoalRequest, Value, add
from common.entry.api.identity import Developer
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Success, responses
from common.goals.track import edit_goal, list_progress, record_progress
from common.models.api_key import Scope
from common.models.goal import GoalProgress, GoalView

router = Router(prefix="/v1/dev/user/goals", tags=["developer"], responses=responses(401, 403, 429))

_LARGEST_PAGE = 100

Reader = Annotated[str, Developer(Scope.READ_GOALS)]
Writer = Annotated[str, Developer(Scope.WRITE_GOALS)]


@router.get("")
def list_newest(
    user: Reader, limit: Annotated[int, Query(ge=1, le=_LARGEST_PAGE)] = 10, *, include_inactive: bool = False
) -> list[GoalView]:
    """The newest first."""
    return list(goals.list_newest(uid=user, limit=limit, include_inactive=include_inactive))


@router.get("/{goal_id}", responses=responses(404))
def get(user: Reader, goal_id: str) -> GoalView:
    """One goal."""
    return goals.of(uid=user).get(goal_id)


@router.post("", responses=responses(409))
def create(user: Writer, body: GoalRequest, once: OncePerKey) -> GoalView:
    """Set a goal."""
    return once(GoalView, lambda: add(body, uid=user, goal_id=once.id), uid=user)


@router.patch("/{goal_id}", responses=responses(404))
def change(user: Writer, goal_id: str, body: GoalChanges | None = None) -> GoalView:
    """Change what is named."""
    return edit_goal(uid=user, goal_id=goal_id, fields=(body or GoalChanges()).fields())


@router.patch("/{goal_id}/progress", responses=responses(404))
def progress(user: Writer, goal_id: str, current_value: Annotated[Value, Query()]) -> GoalView:
    """Say how far it has come."""
    return record_progress(uid=user, goal_id=goal_id, current_value=current_value)


@router.get("/{goal_id}/history", responses=responses(404))
def history(user: Reader, goal_id: str, days: Days = 30) -> list[GoalProgress]:
    """How far it had come on the days on which that was said, the latest first."""
    return list_progress(uid=user, goal_id=goal_id, days=days)


@router.delete("/{goal_id}", responses=responses(404))
def delete(user: Writer, goal_id: str) -> Success:
    """Give it up, with its history."""
    goals.delete(uid=user, goal_id=goal_id)
    return Success()
