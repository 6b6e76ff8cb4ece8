"""How much a user has used, and what they may use: everything, here."""

from typing import Literal

from pydantic import Field

from common.models.base import Shape


class UsageStats(Shape):
    """What was captured and made in a stretch of time."""

    transcription_seconds: int = 0
    speech_seconds: int = 0
    words_transcribed: int = 0
    insights_gained: int = 0
    """Things to do that were found."""
    memories_created: int = 0


class UsageHistoryPoint(UsageStats):
    """The same for one hour, day, month or year, which `date` names."""

    date: str


class ModelUsage(Shape):
    """What was used of one model or recogniser."""

    kind: Literal["language_model", "embedding", "speech"]
    name: str
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_estimated: int = 0
    """How many of the tokens the provider has not reported."""
    audio_seconds: float = 0.0


class UsageView(Shape):
    """The stretch of time that was asked for, and its parts."""

    today: UsageStats | None = None
    monthly: UsageStats | None = None
    yearly: UsageStats | None = None
    all_time: UsageStats | None = None
    history: list[UsageHistoryPoint] = Field(default_factory=list)
    models: list[ModelUsage] = Field(default_factory=list)
    """By whom it was understood and answered, in the days (UTC) of that time."""


class PlanLimits(Shape):
    """Null is no limit."""

    transcription_seconds: int | None = None
    words_transcribed: int | None = None
    insights_gained: int | None = None
    chat_questions_per_month: int | None = None
    chat_cost_usd_per_month: float | None = None


class Subscription(Shape):
    """A plan in the words that released apps know; nobody pays anybody."""

    plan: Literal["unlimited"] = "unlimited"
    status: Literal["active"] = "active"
    current_period_start: int | None = None
    current_period_end: int | None = None
    stripe_subscription_id: str | None = None
    current_price_id: str | None = None
    cancel_at_period_end: bool = False
    features: list[str] = Field(default_factory=list)
    limits: PlanLimits = Field(default_factory=PlanLimits)
    deprecated: bool = False
    deprecation_message: str | None = None


class TranscriptionAllowance(Shape):
    """Whether live transcription goes on; null seconds are no limit."""

    mode: Literal["managed", "on_device", "blocked"] = "managed"
    remaining_seconds: int | None = None
    reason: str | None = None


class SubscriptionView(Shape):
    """The user's plan and what of it is used this month; a limit of 0 is none."""

    subscription: Subscription = Field(default_factory=Subscription)
    transcription_seconds_used: int
    transcription_seconds_limit: int = 0
    words_transcribed_used: int
    words_transcribed_limit: int = 0
    insights_gained_used: int
    insights_gained_limit: int = 0
    memories_created_used: int
    memories_created_limit: int = 0
    available_plans: list[dict[str, str]] = Field(default_factory=list)
    show_subscription_ui: bool = False
    chat_quota_allowed: bool = True
    chat_quota_used: float = 0.0
    chat_quota_percent: float = 0.0
    chat_quota_unit: str | None = None
    chat_quota_reset_at: int | None = None
    phone_call_quota: dict[str, str] | None = None
    desktop_grandfather_until: int | None = None
    transcription_allowance: TranscriptionAllowance = Field(default_factory=TranscriptionAllowance)
