"""A user's day is summed up once, when it ends: kept, told in the chat, on devices and to the user's own address."""

from contextlib import suppress
from datetime import datetime, timedelta

from common.apps.announcing import announce_day_summary
from common.conversations.days import NOTIFICATION, as_day, as_message, as_summary, of_the_day
from common.conversations.forgetting_days import forget_in_days
from common.conversations.inheriting import inherit
from common.core import clock
from common.core.errors import ConflictError, ProviderError
from common.core.logs import get_logger
from common.core.time_zones import zone_of
from common.database import (
    account_deletions,
    conversation_outlines,
    conversations_around,
    daily_summaries,
    day_ends,
    messages,
    tombstones,
    users,
)
from common.database.once import do_once
from common.llm.plain_days import ExtractiveDaySummarizer
from common.llm.ports import Day, LookBack
from common.llm.providers import day_summarizer
from common.models.conversation import Conversation
from common.models.daily_summary import DailySummary
from common.models.events import SummarizeDay
from common.models.user import UserSettings
from common.notifications.notify import notify
from common.users.evenings import evening_after, hour_of
from common.users.local_time import day_of, evening_before

STEP = "daily_summary"
_KEPT_S = 7 * 24 * 3600.0
_PATIENCE_S = 1800.0
"""After so long without the language model the day is summed up without it: later nobody cares any more."""
_LATE = timedelta(hours=6)
"""What ended within these hours before the day began may have been processed only after the last summary was made."""
_AHEAD = timedelta(hours=6)
"""By so much a client's clock may be ahead, or what was handed over be said to take yet: that, too, was said today."""
_GAP = timedelta(hours=52)
"""So long the day may have begun before, where its end was moved: who flies west has 26 hours more of it at most."""


def summarize_day(task: SummarizeDay) -> None:
    """Do it, unless it was done, or the user wants none, or has moved the end of the day meanwhile.

    Raises:
        ProviderError: the language model failed.
        LeaseHeldError: somebody is at it right now.
    """
    end = day_ends.find(uid=task.uid)
    user = users.find(uid=task.uid)
    if end is None or end.at != task.evening or account_deletions.under_way(task.uid):
        return
    then = None
    if user.daily_summary_enabled:
        day = day_of(task.evening, zone=zone_of(user.time_zone)).isoformat()
        evening = do_once(lambda: _summarize(task, user), uid=task.uid, step=STEP, subject=day, kept_s=_KEPT_S)
        # The end of the day was moved after the day had ended: what was said since is of the next one.
        then = evening_after(task.evening, user) if evening != task.evening.isoformat() else None
    day_ends.settle(task.evening, uid=task.uid, then=then)


def _summarize(task: SummarizeDay, user: UserSettings) -> str:
    """Says which evening it was."""
    zone = zone_of(user.time_zone)
    day = day_of(task.evening, zone=zone)
    summary = daily_summaries.of(uid=task.uid).find(day.isoformat())
    if summary is None:
        now = clock.now()
        found = _conversations(task, user, now=now)
        if not found:
            return task.evening.isoformat()
        back = _look_back(as_day(found, zone=zone, language=user.language), task)
        summary = as_summary(back, found, day=day, zone=zone, now=now)
        with suppress(ConflictError):
            daily_summaries.of(uid=task.uid).create(summary)
    if (told := _without_deleted(summary, uid=task.uid)) is not None:
        _tell(told, uid=task.uid)
    return task.evening.isoformat()


def _without_deleted(summary: DailySummary, *, uid: str) -> DailySummary | None:
    """The day as it is kept, without what was deleted while it was summed up; None where nothing else was said."""
    there = conversation_outlines.find_outlines(uid=uid, conversation_ids=summary.conversation_ids)
    gone = [each for each in summary.conversation_ids if each not in there]
    for conversation_id in gone:
        grave = tombstones.of(uid=uid).find(conversation_id)
        if grave is not None and grave.merged_into is not None:
            inherit([conversation_id], uid=uid, by=grave.merged_into)
        else:
            forget_in_days(conversation_id, uid=uid)
    return daily_summaries.of(uid=uid).find(summary.id) if gone else summary


def _conversations(task: SummarizeDay, user: UserSettings, *, now: datetime) -> list[Conversation]:
    """What has been said since the last day was summed up, or since it ended."""
    begin = evening_before(task.evening, hour=hour_of(user), zone=zone_of(user.time_zone))
    before = daily_summaries.list_newest(uid=task.uid, limit=1, offset=0)
    told: set[str] = set()
    for last in before:
        told.update(last.conversation_ids)
        if last.created_at is not None and last.created_at > task.evening - _GAP:
            begin = last.created_at
    found = conversations_around.list_finished(begin - _LATE, now + _AHEAD, uid=task.uid)
    # Of what was merged since, only a part may have been told.
    further = {each.id for each in found if each.merged_from and each.finished_at and each.finished_at > begin}
    return of_the_day(found, without=told - further)


def _look_back(day: Day, task: SummarizeDay) -> LookBack:
    try:
        return day_summarizer().look_back(day)
    except ProviderError as error:
        if error.retryable and clock.now() - task.evening < clock.duration(_PATIENCE_S):
            raise
        get_logger().warning("day_summed_up_without_model", error=type(error).__name__)
        return ExtractiveDaySummarizer().look_back(day)


def _tell(summary: DailySummary, *, uid: str) -> None:
    """Say it; again, where it was said, is the same message, notification and delivery."""
    with suppress(ConflictError):
        messages.add(as_message(summary, uid=uid), uid=uid)
    notify(
        uid=uid,
        kind=NOTIFICATION,
        title=f"{summary.day_emoji} {summary.headline}".strip(),
        body=summary.overview,
        once=(summary.id,),
        data={"navigate_to": f"/daily-summary/{summary.id}"},
    )
    announce_day_summary(summary.id, uid=uid)
