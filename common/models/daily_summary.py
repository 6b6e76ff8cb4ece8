"""What a day was: the summary that is made of it in the evening."""

from pydantic import Field

from common.models.base import Document, Moment


class DayActionItem(Document):
    """Something to do that came up."""

    description: str | None = None
    completed: bool | None = None
    priority: str | None = None
    source_conversation_id: str | None = None


class DayTopic(Document):
    """Something that was talked about."""

    topic: str | None = None
    emoji: str | None = None
    summary: str | None = None
    conversation_ids: list[str] | None = None


class DayQuestion(Document):
    """Something that stayed open."""

    question: str | None = None
    conversation_id: str | None = None


class DayDecision(Document):
    """Something that was decided."""

    decision: str | None = None
    conversation_id: str | None = None


class DayInsight(Document):
    """Something that was learned."""

    insight: str | None = None
    conversation_id: str | None = None


class DayPlace(Document):
    """Where a conversation took place, in degrees."""

    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None
    time: str | None = None
    conversation_id: str | None = None


class DayStats(Document):
    """How much there was."""

    total_conversations: int = 0
    total_duration_minutes: int = 0
    action_items_count: int = 0


class DailySummary(Document):
    """A day; `date` is the user's own, as YYYY-MM-DD."""

    id: str
    date: str = ""
    headline: str = ""
    overview: str = ""
    day_emoji: str = ""
    stats: DayStats = Field(default_factory=DayStats)
    highlights: list[DayTopic] = Field(default_factory=list)
    action_items: list[DayActionItem] = Field(default_factory=list)
    unresolved_questions: list[DayQuestion] = Field(default_factory=list)
    decisions_made: list[DayDecision] = Field(default_factory=list)
    knowledge_nuggets: list[DayInsight] = Field(default_factory=list)
    locations: list[DayPlace] = Field(default_factory=list)
    conversation_ids: list[str] = Field(default_factory=list)
    """All that it was made of."""
    created_at: Moment | None = None


class DayEnd(Document):
    """When a user's day ends next, if there is anything to sum up then.

    `look_at` is when somebody looks after it: at the end of the day, and later again if that came to nothing. `then` is
    the end of the next day, where something was said after this one had ended and before it was summed up.
    """

    id: str
    at: Moment
    look_at: Moment
    then: Moment | None = None
