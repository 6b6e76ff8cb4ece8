"""A goal and how far the user has come, day by day."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from common.core.ids import new_id
from common.models.base import Document, Moment, without_nulls

Amount = Annotated[float, Field(allow_inf_nan=False)]


class GoalType(StrEnum):
    """How it is measured: done or not, on a scale, or by a number."""

    BOOLEAN = "boolean"
    SCALE = "scale"
    NUMERIC = "numeric"


class GoalView(Document):
    """A goal, as clients see it."""

    id: str = Field(default_factory=new_id)
    title: str = ""
    goal_type: GoalType = GoalType.SCALE
    target_value: Amount = 10.0
    current_value: Amount = 0.0
    min_value: Amount = 0.0
    max_value: Amount = 10.0
    unit: str | None = None
    is_active: bool = True
    created_at: Moment
    updated_at: Moment


class Goal(GoalView):
    """A goal, as it is stored."""

    @model_validator(mode="before")
    @classmethod
    def _defaults_for_nulls(cls, value: Any) -> Any:
        """Old documents hold nulls where a default is meant."""
        if not isinstance(value, dict):
            return value
        fields: dict[str, Any] = without_nulls(value)
        if "created_at" in fields:
            fields.setdefault("updated_at", fields["created_at"])
        return fields

    @field_validator("goal_type", mode="before")
    @classmethod
    def _known_type(cls, value: Any) -> Any:
        """A type that this version does not know must not make a goal unreadable."""
        return str(value) if str(value) in set(GoalType) else GoalType.SCALE


class GoalProgress(Document):
    """Where a goal stood at the end of a day of the user's."""

    date: str = Field(description="The day, in the user's time zone", examples=["2026-05-04"])
    value: Amount
    recorded_at: Moment


class StoredGoalProgress(GoalProgress):
    """The same as it is stored; `id` is the date."""

    id: str
