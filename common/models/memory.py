"""A memory: a fact about the user, learned from conversations or told by the user."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from common.core.ids import derived_id
from common.models.base import Document, Moment

Visibility = Literal["private", "public"]

_PRIORITY = {"manual": 100, "interesting": 60}
_USUAL_PRIORITY = 50


class MemoryCategory(StrEnum):
    """What kind of fact. What was given is stored; `today` says what clients of today see (CONTRACT section 2.1)."""

    INTERESTING = "interesting"
    SYSTEM = "system"
    MANUAL = "manual"
    WORKFLOW = "workflow"

    PERSONAL = "personal"
    HEALTH = "health"
    WORK = "work"
    RELATIONSHIPS = "relationships"
    PREFERENCES = "preferences"

    CORE = "core"
    HOBBIES = "hobbies"
    LIFESTYLE = "lifestyle"
    INTERESTS = "interests"
    HABITS = "habits"
    SKILLS = "skills"
    LEARNINGS = "learnings"
    OTHER = "other"

    @property
    def today(self) -> "MemoryCategory":
        """The category of today that it is, or that it became."""
        return _BECAME.get(self, self)

    @property
    def matching(self) -> frozenset["MemoryCategory"]:
        """Itself, and every older category that became it: what a filter by it finds."""
        return frozenset({self, *(old for old, today in _BECAME.items() if today is self)})


_BECAME = {
    MemoryCategory.LEARNINGS: MemoryCategory.INTERESTING,
    MemoryCategory.CORE: MemoryCategory.SYSTEM,
    MemoryCategory.HOBBIES: MemoryCategory.SYSTEM,
    MemoryCategory.LIFESTYLE: MemoryCategory.SYSTEM,
    MemoryCategory.INTERESTS: MemoryCategory.SYSTEM,
    MemoryCategory.HABITS: MemoryCategory.SYSTEM,
    MemoryCategory.SKILLS: MemoryCategory.SYSTEM,
    MemoryCategory.OTHER: MemoryCategory.SYSTEM,
}


class MemoryView(Document):
    """A fact, as clients see it."""

    id: str
    uid: str
    content: str
    category: MemoryCategory = MemoryCategory.SYSTEM
    visibility: Visibility = "private"
    tags: list[str] = Field(default_factory=list)
    created_at: Moment
    updated_at: Moment
    conversation_id: str | None = None
    memory_id: str | None = None
    """What older clients call the conversation it came from."""
    reviewed: bool = False
    user_review: bool | None = None
    manually_added: bool = False
    edited: bool = False
    deleted: bool = False
    scoring: str = ""
    app_id: str | None = None
    data_protection_level: str | None = None
    is_locked: bool = False
    kg_extracted: bool = False
    is_baseline: bool = False
    superseded_by: str | None = None
    """Of a former state: the memory it was a state of."""
    invalid_at: Moment | None = None
    """Of a former state: since when it no longer holds."""

    def with_todays_category(self) -> "MemoryView":
        """The same for clients that know only the categories of today and the seed's."""
        return MemoryView.model_validate(self.model_dump() | {"category": self.category.today})


class Memory(MemoryView):
    """A fact, as it is stored. `rejected` and `scoring` follow from the other fields; queries need them."""

    rejected: bool = False
    revision: int = 0
    """How many former states there have been."""
    segment_ids: list[str] = Field(default_factory=list)
    """Of the conversation it came from: the segments that say it."""
    said_at: Moment | None = None
    """When that conversation began."""
    learned_by: str | None = None
    """The model that found it."""
    touched: bool = False
    """Whether its owner has changed anything about it."""

    @property
    def is_owners(self) -> bool:
        """Whether its owner has said or confirmed it: then no program changes it or takes it back."""
        judged = self.reviewed or self.user_review is not None
        return self.touched or self.manually_added or self.edited or self.is_baseline or judged

    @model_validator(mode="before")
    @classmethod
    def _derived_fields(cls, value: Any) -> Any:
        """The id follows from the content; `memory_id` once meant the conversation it came from."""
        if not isinstance(value, dict):
            return value
        fields = {name: item for name, item in value.items() if item is not None}
        conversation_id = fields.get("conversation_id", fields.get("memory_id"))
        if conversation_id is not None:
            fields["conversation_id"] = fields["memory_id"] = conversation_id
        if "id" not in fields and "content" in fields and "uid" in fields:
            fields["id"] = memory_id(uid=fields["uid"], content=fields["content"])
        if "updated_at" not in fields and "created_at" in fields:
            fields["updated_at"] = fields["created_at"]
        return fields

    @field_validator("category", mode="before")
    @classmethod
    def _known_category(cls, value: Any) -> Any:
        """A category that this version does not know must not make a fact unreadable."""
        return str(value) if str(value) in set(MemoryCategory) else MemoryCategory.SYSTEM

    @field_validator("visibility", mode="before")
    @classmethod
    def _known_visibility(cls, value: Any) -> Any:
        return "public" if value == "public" else "private"

    @model_validator(mode="after")
    def _what_follows(self) -> "Memory":
        """Not by assignment: that would validate, and so arrive here, again."""
        self.__dict__["rejected"] = self.user_review is False
        if not self.scoring:
            self.__dict__["scoring"] = self._score()
        return self

    def _score(self) -> str:
        """Sorts as text: what the user said before what was found interesting before the rest, then by age."""
        category = MemoryCategory.MANUAL if self.manually_added else self.category.today
        return f"{_PRIORITY.get(category, _USUAL_PRIORITY):03d}_{int(self.created_at.timestamp()):010d}"

    def but(self, **fields: Any) -> "Memory":
        """The same with other fields, and what follows from them."""
        return Memory.model_validate(self.model_dump() | {"scoring": ""} | fields)

    def former(self, *, ended_at: Any) -> "Memory":
        """This state as it is kept when another takes its place."""
        return self.model_copy(
            update={"id": f"{self.id}.{self.revision}", "superseded_by": self.id, "invalid_at": ended_at}
        )


def memory_id(*, uid: str, content: str, generation: int = 0) -> str:
    """The id of what a user is told to remember; `generation` counts those that have become something else since."""
    return derived_id("memory", uid, content, *((generation,) if generation else ()))
