"""The structure of a conversation: title, overview, emoji, category, action items and events."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from common.models.base import Document, Moment, Older, without_nulls

DEFAULT_EMOJI = "🧠"
DEFAULT_EVENT_MINUTES = 30

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment, config=ConfigDict(defer_build=True))


class ConversationCategory(StrEnum):
    """What a conversation is about; the values are fixed by the clients."""

    PERSONAL = "personal"
    EDUCATION = "education"
    HEALTH = "health"
    FINANCE = "finance"
    LEGAL = "legal"
    PHILOSOPHY = "philosophy"
    SPIRITUAL = "spiritual"
    SCIENCE = "science"
    ENTREPRENEURSHIP = "entrepreneurship"
    PARENTING = "parenting"
    ROMANTIC = "romantic"
    TRAVEL = "travel"
    INSPIRATION = "inspiration"
    TECHNOLOGY = "technology"
    BUSINESS = "business"
    SOCIAL = "social"
    WORK = "work"
    SPORTS = "sports"
    POLITICS = "politics"
    LITERATURE = "literature"
    HISTORY = "history"
    ARCHITECTURE = "architecture"
    MUSIC = "music"
    WEATHER = "weather"
    NEWS = "news"
    ENTERTAINMENT = "entertainment"
    PSYCHOLOGY = "psychology"
    REAL = "real"
    DESIGN = "design"
    FAMILY = "family"
    ECONOMICS = "economics"
    ENVIRONMENT = "environment"
    OTHER = "other"


class ActionItem(Document):
    """Something somebody committed to, or was asked to do."""

    description: str
    completed: bool = False
    created_at: Moment | None = None
    updated_at: Moment | None = None
    due_at: Moment | None = None
    completed_at: Moment | None = None
    conversation_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_plain_text(cls, value: Any) -> Any:
        """The oldest documents hold action items as plain strings."""
        return {"description": value} if isinstance(value, str) else without_nulls(value)


class Event(Document):
    """An appointment for the calendar. `duration` is in minutes; `created` once the user has exported it."""

    title: str
    description: str = ""
    start: Moment
    duration: int = Field(DEFAULT_EVENT_MINUTES, ge=0)
    created: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_start_and_end_time(cls, value: Any) -> Any:
        """Some writers send `start_time` and `end_time` in place of `start` and `duration`."""
        value = without_nulls(value)
        if not isinstance(value, Mapping):
            return value
        fields = dict(value)
        if "start" not in fields and "start_time" in fields:
            fields["start"] = fields["start_time"]
        if "duration" not in fields and "end_time" in fields and "start" in fields:
            fields["duration"] = _minutes_between(fields["start"], fields["end_time"])
        return fields

    @field_validator("duration", mode="before")
    @classmethod
    def _whole_minutes(cls, value: Any) -> Any:
        return round(value) if isinstance(value, float) and math.isfinite(value) else value

    @property
    def start_time(self) -> datetime:
        """The same instant as `start`, by the name that belongs with `end_time`."""
        return self.start

    @property
    def end_time(self) -> datetime:
        """When the event is over."""
        return self.start + timedelta(minutes=self.duration)


def _minutes_between(start: Any, end: Any) -> int:
    """Minutes from `start` to `end`, whichever form they come in; the default when that makes no sense."""
    try:
        elapsed = _MOMENT.validate_python(end) - _MOMENT.validate_python(start)
    except ValidationError:
        return DEFAULT_EVENT_MINUTES
    minutes = round(elapsed.total_seconds() / 60)
    return minutes if minutes > 0 else DEFAULT_EVENT_MINUTES


class Structured(Older):
    """What a conversation was understood to be."""

    title: str = ""
    overview: str = ""
    emoji: str = DEFAULT_EMOJI
    category: ConversationCategory = ConversationCategory.OTHER
    action_items: list[ActionItem] = Field(default_factory=list)
    events: list[Event] = Field(default_factory=list)

    @field_validator("category", mode="before")
    @classmethod
    def _known_category(cls, value: Any) -> ConversationCategory:
        """A category that this version does not know is `other`, never an unreadable conversation."""
        try:
            return ConversationCategory(str(value).strip().lower())
        except ValueError:
            return ConversationCategory.OTHER
