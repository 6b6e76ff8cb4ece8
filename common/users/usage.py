"""What a user has used: totals of a stretch of time in their own zone, and its parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from common.core import clock
from common.database import spending, usage, users
from common.database.usage import Amount
from common.models.spending import Spending, Spent
from common.models.usage import ModelUsage, SubscriptionView, UsageHistoryPoint, UsageStats, UsageView


class Period(StrEnum):
    """The stretch of time until now that is looked at."""

    TODAY = "today"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    ALL_TIME = "all_time"


_PARTS = {Period.TODAY: "%Y-%m-%dT%H:00:00", Period.MONTHLY: "%Y-%m-%d", Period.YEARLY: "%Y-%m", Period.ALL_TIME: "%Y"}
"""How the parts of a period are called."""
_SPENDING_KEPT = timedelta(days=366)
_HOUR_S = 3600


def usage_of(period: Period, *, uid: str) -> UsageView:
    """What was used in a period; its parts are told of the newest 2000 things of each kind."""
    zone = users.zone(uid=uid)
    since = begin(period, now=clock.now(), zone=zone)
    parts: defaultdict[str, list[Amount]] = defaultdict(list)
    for created_at, amount in usage.by_time(uid=uid, since=since):
        parts[created_at.astimezone(zone).strftime(_PARTS[period])].append(amount)
    history = [
        UsageHistoryPoint(date=name, **_stats(added(amounts)).model_dump()) for name, amounts in sorted(parts.items())
    ]
    days = spending.list_since(since or clock.now() - _SPENDING_KEPT, uid=uid)
    total = _stats(usage.total(uid=uid, since=since))
    return UsageView.model_validate({period.value: total, "history": history, "models": of_models(days)})


def subscription_of(*, uid: str) -> SubscriptionView:
    """The plan that everybody has, and what was used this month."""
    used = _stats(usage.total(uid=uid, since=begin(Period.MONTHLY, now=clock.now(), zone=users.zone(uid=uid))))
    return SubscriptionView(
        transcription_seconds_used=used.transcription_seconds,
        words_transcribed_used=used.words_transcribed,
        insights_gained_used=used.insights_gained,
        memories_created_used=used.memories_created,
    )


def speech_hours_of(*, uid: str) -> tuple[float, float, float]:
    """Hours of speech of today, of three days and of seven, today among them, in the user's zone."""
    today = begin(Period.TODAY, now=clock.now(), zone=users.zone(uid=uid)) or clock.now()
    day, three, week = (
        round(usage.total(uid=uid, since=today - timedelta(days=before)).seconds / _HOUR_S, 3) for before in (0, 2, 6)
    )
    return day, three, week


def begin(period: Period, *, now: datetime, zone: tzinfo) -> datetime | None:
    """When a period that `now` is in began; None for the one that has no beginning."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    first = {
        Period.TODAY: midnight,
        Period.MONTHLY: midnight.replace(day=1),
        Period.YEARLY: midnight.replace(month=1, day=1),
        Period.ALL_TIME: None,
    }[period]
    return first and first.astimezone(UTC)


def added(amounts: list[Amount]) -> Amount:
    """All of them together."""
    return Amount(*(sum(values) for values in zip(*map(astuple, amounts), strict=True)))


def of_models(days: list[Spending]) -> list[ModelUsage]:
    """What was used of each model and recogniser in some days, those of one kind together."""
    totals: dict[tuple[str, str], list[Spent]] = {}
    for day in days:
        for kind in ("language_model", "embedding", "speech"):
            for name, spent in getattr(day, kind).items():
                totals.setdefault((kind, name), []).append(spent)
    return [
        ModelUsage(
            kind=kind,
            name=name,
            calls=sum(each.calls for each in spent),
            tokens_in=sum(each.tokens_in for each in spent),
            tokens_out=sum(each.tokens_out for each in spent),
            tokens_estimated=sum(each.estimated for each in spent),
            audio_seconds=round(sum(each.seconds for each in spent), 3),
        )
        for (kind, name), spent in sorted(totals.items())
    ]


def _stats(amount: Amount) -> UsageStats:
    seconds = round(amount.seconds)
    return UsageStats(
        transcription_seconds=seconds,
        speech_seconds=seconds,
        words_transcribed=amount.words,
        insights_gained=amount.tasks,
        memories_created=amount.memories,
    )
