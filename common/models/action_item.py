"""Something to do, on its own: from a conversation, or written down by the user."""

from typing import Annotated, Any

from pydantic import Field, computed_field, model_validator

from common.core.ids import derived_id, digest
from common.models.base import Document, Moment, Shape, without_nulls
from common.models.given import GivenMoment

LONGEST_DESCRIPTION = 2000
DEEPEST_INDENT = 3
LARGEST_SORT_ORDER = 2**31 - 1


class ActionItemView(Document):
    """Something to do, as clients see it."""

    id: str
    description: str
    completed: bool = False
    created_at: Moment
    updated_at: Moment
    due_at: Moment | None = None
    completed_at: Moment | None = None
    conversation_id: str | None = None
    is_locked: bool = False
    exported: bool = False
    export_date: Moment | None = None
    export_platform: str | None = None
    apple_reminder_id: str | None = None
    sort_order: int = 0
    indent_level: int = Field(0, ge=0, le=DEEPEST_INDENT)

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know the combination
    @property
    def status(self) -> str:
        """`active` or `completed`."""
        return "completed" if self.completed else "active"


class ActionItem(ActionItemView):
    """Something to do, as it is stored."""

    uid: str
    app_id: str | None = None
    shared_from: str | None = None
    """What the user was called who shared it."""
    wording: str | None = None
    """Of one that came from a conversation: stands for what it was called first."""
    touched: bool = False
    """Whether its owner has changed anything about it."""

    @model_validator(mode="before")
    @classmethod
    def _defaults_for_nulls(cls, value: Any) -> Any:
        """Old documents hold nulls where a default is meant, and lack what was not known then."""
        if not isinstance(value, dict):
            return value
        fields: dict[str, Any] = without_nulls(value)
        if "created_at" in fields:
            fields.setdefault("updated_at", fields["created_at"])
        level = fields.get("indent_level", 0)
        if not isinstance(level, int) or not 0 <= level <= DEEPEST_INDENT:
            fields["indent_level"] = 0
        return fields


def wording_key(description: str) -> str:
    """Stands for an action item by how it is worded, however that is written."""
    return digest(description.casefold().strip(" .!"))


def action_item_id(*, uid: str, description: str, generation: int = 0) -> str:
    """The id of what a user writes down; `generation` counts those that are done, or something else, since."""
    return derived_id("action_item", uid, description, *((generation,) if generation else ()))


class ActionItemChanges(Shape):
    """What a client may change of an action item; what is not named stays, a time that is null is cleared."""

    description: Annotated[str, Field(min_length=1, max_length=LONGEST_DESCRIPTION, pattern=r"\S")] | None = Field(
        None, examples=["Call the landlord"]
    )
    completed: bool | None = None
    due_at: GivenMoment | None = Field(None, examples=["2026-05-04T12:00:00Z"])
    exported: bool | None = None
    export_date: GivenMoment | None = None
    export_platform: str | None = Field(None, max_length=100, examples=["apple_reminders"])
    apple_reminder_id: str | None = Field(None, max_length=500)
    sort_order: int | None = Field(None, ge=-LARGEST_SORT_ORDER, le=LARGEST_SORT_ORDER)
    indent_level: int | None = Field(None, ge=0, le=DEEPEST_INDENT)

    def fields(self) -> dict[str, Any]:
        """What is to be changed to what."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name in _CLEARED_BY_NULL}


_CLEARED_BY_NULL = {"due_at", "export_date", "export_platform", "apple_reminder_id"}
