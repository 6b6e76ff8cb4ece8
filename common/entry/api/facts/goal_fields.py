"""Parts of requests about goals that the app and programs share."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from common.goals.track import add_goal
from common.models.base import Shape
from common.models.goal import Goal, GoalType

_LARGEST = 1e15

Value = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST, allow_inf_nan=False, examples=[3.0])]
Title = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", examples=["Run a marathon"])]
Unit = Annotated[str, Field(max_length=50, examples=["km"])]
Days = Annotated[int, Query(ge=1, le=365)]


class GoalRequest(BaseModel):
    """A goal to set."""

    title: Title
    goal_type: GoalType = GoalType.SCALE
    target_value: Value
    current_value: Value = 0.0
    min_value: Value = 0.0
    max_value: Value = 10.0
    unit: Unit | None = None


class GoalChanges(Shape):
    """What to change of a goal; what is not named stays."""

    title: Title | None = None
    target_value: Value | None = None
    current_value: Value | None = None
    min_value: Value | None = None
    max_value: Value | None = None
    unit: Unit | None = None
    is_active: bool | None = None

    def fields(self) -> dict[str, Any]:
        """What is to be changed to what; only a unit can be taken away."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name == "unit"}


def add(body: GoalRequest, *, uid: str, goal_id: str) -> Goal:
    """Set the goal that a request describes."""
    return add_goal(
        uid=uid,
        title=body.title,
        goal_type=body.goal_type,
        target_value=body.target_value,
        current_value=body.current_value,
        min_value=body.min_value,
        max_value=body.max_value,
        unit=body.unit,
        goal_id=goal_id,
    )
