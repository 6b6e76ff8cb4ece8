"""A day told again, without a conversation that was part of it, or naming what that has become."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial

from common.conversations.days import NOTIFICATION, as_day, as_message, as_summary, renamed
from common.conversations.days import without as without_it
from common.core import clock
from common.core.errors import NotFoundError
from common.core.time_zones import zone_of
from common.database import conversations, daily_summaries, messages, users
from common.database.whole_conversations import Room
from common.llm.plain_days import ExtractiveDaySummarizer
from common.models.daily_summary import DailySummary
from common.notifications.notify import withdraw


def retell(day: DailySummary, *, without: str, uid: str) -> None:
    """Tell it without that conversation; a day that was nothing else goes."""
    rebuilt = _rebuilt(day, without, uid=uid)
    withdraw(uid=uid, kind=NOTIFICATION, once=(day.id,))
    if rebuilt is None:
        messages.of(uid=uid).delete_many([as_message(day, uid=uid).id])
        daily_summaries.of(uid=uid).delete_many([day.id])
        return
    # The summary last: as long as it names the conversation, this is done again.
    _retell_in_chat(rebuilt, uid=uid)
    daily_summaries.of(uid=uid).put(rebuilt)


def rename(day: DailySummary, gone: Sequence[str], *, to: str, uid: str) -> None:
    """Have it name another conversation in place of those that are gone."""
    with suppress(NotFoundError):  # it was deleted
        daily_summaries.of(uid=uid).change(day.id, partial(renamed, gone=gone, into=to))


def _rebuilt(day: DailySummary, conversation_id: str, *, uid: str) -> DailySummary | None:
    """The day of the conversations that are left, in plain words: no model is asked, so nothing can go wrong."""
    others = [each for each in day.conversation_ids if each != conversation_id]
    left = conversations.find_many(uid=uid, conversation_ids=others, room=Room(0))
    if not left:
        return None
    user = users.find(uid=uid)
    zone = zone_of(user.time_zone)
    back = ExtractiveDaySummarizer().look_back(as_day(left, zone=zone, language=user.language))
    plain = as_summary(back, left, day=date.fromisoformat(day.id), zone=zone, now=day.created_at or clock.now())
    return without_it(day, conversation_id, plain)


def _retell_in_chat(day: DailySummary, *, uid: str) -> None:
    told = as_message(day, uid=uid)
    update = {"text": told.text, "memories_id": told.memories_id}
    with suppress(NotFoundError):  # the chat was cleared
        messages.of(uid=uid).change(told.id, lambda message: message.model_copy(update=update))
