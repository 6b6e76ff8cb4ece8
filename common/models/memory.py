"""A memory: a fact about the user, learned from conversations or told by the user."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from common.core.ids import derived_id
from common.models.base import Document, Moment

_PRIORITY = {"manual": 100, "interesting": 60, "system": 50, "workflow": 50}


class MemoryCategory(StrEnum):
    """What kind of fact. Older categories map onto these four."""

    INTERESTING = "interesting"
    SYSTEM = "system"
    MANUAL = "manual"
    WORKFLOW = "workflow"


class Memory(Document):
    """A fact, as it is stored."""

    id: str
    uid: str
    content: str
    category: MemoryCategory = MemoryCategory.SYSTEM
    visibility: Literal["private", "public"] = "private"
    tags: list[str] = Field(default_factory=list)
    created_at: Moment
    updated_at: Moment
    conversation_id: str | None = None
    reviewed: bool = False
    user_review: bool | None = None
    manually_added: bool = False
    edited: bool = False
    scoring: str = ""
    app_id: str | None = None
    data_protection_level: str | None = None
    is_locked: bool = False
    kg_extracted: bool = False

    @model_validator(mode="before")
    @classmethod
    def _derived_fields(cls, value: Any) -> Any:
        """The id follows from the content; `memory_id` once meant the conversation it came from."""
        if not isinstance(value, dict):
            return value
        fields = {name: item for name, item in value.items() if item is not None}
        if "conversation_id" not in fields and "memory_id" in fields:
            fields["conversation_id"] = fields["memory_id"]
        if "id" not in fields and "content" in fields and "uid" in fields:
            fields["id"] = derived_id("memory", fields["uid"], fields["content"])
        return fields

    @field_validator("category", mode="before")
    @classmethod
    def _known_category(cls, value: Any) -> Any:
        name = str(value)
        if name == "learnings":
            return MemoryCategory.INTERESTING
        return name if name in set(MemoryCategory) else MemoryCategory.SYSTEM

    @model_validator(mode="after")
    def _score(self) -> "Memory":
        """`scoring` sorts as text: priority, then age."""
        if not self.scoring:
            # Not by assignment: that would validate, and so arrive here, again.
            self.__dict__["scoring"] = f"{_PRIORITY[self.category]:03d}_{int(self.created_at.timestamp()):010d}"
        return self
