"""`/v1/goals/suggest` and `/advice`: what the language model says of a user's goals."""

from common.entry.api.identity import User, limit_requests
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.goals.aim import advise_on_goal, suggest_goal
from common.models.base import Shape
from common.models.goal import GoalType

router = Router(prefix="/v1/goals", tags=["goals"], responses=responses(400, 401, 402, 429))

ASKED_PER_HOUR = 60
_HOUR_S = 3600


class SuggestedGoal(Shape):
    """A goal that might be set."""

    suggested_title: str
    suggested_type: GoalType
    suggested_target: float
    suggested_min: float
    suggested_max: float
    reasoning: str


class Advice(Shape):
    """What to do next."""

    advice: str


@router.get("/suggest")
def suggest(user: User) -> SuggestedGoal:
    """Have a goal suggested that follows from what is known of the user."""
    _limit(user)
    found = suggest_goal(uid=user)
    return SuggestedGoal(
        suggested_title=found.title,
        suggested_type=found.goal_type,
        suggested_target=found.target,
        suggested_min=found.minimum,
        suggested_max=found.maximum,
        reasoning=found.reasoning,
    )


@router.get("/advice", responses=responses(404))
def advise(user: User) -> Advice:
    """Have the next step said towards the goal that was set last."""
    _limit(user)
    return Advice(advice=advise_on_goal(uid=user))


def _limit(user: str) -> None:
    limit_requests("goals:ask", subject=user, limit=ASKED_PER_HOUR, window_s=_HOUR_S)
