"""A live connection has heard nobody for long: its user is told, at most once a day (CONTRACT section 1.8)."""

from datetime import timedelta

from common.core import clock
from common.core.settings import settings
from common.database import account_deletions, claims, live_conversations, segment_batches, users
from common.database.claims import Settled
from common.database.once import holding
from common.models.events import UserSilent
from common.notifications.notify import notify

KIND = "silent_user"
DAY_S = 24 * 3600.0
_TIMELY = timedelta(minutes=30)
"""Real time after which a silence is nothing to interrupt anybody for."""
_MOST_AT_ONCE = 5
"""Conversations in progress that are looked at for words."""
_TITLE = "Nobody heard for a while"
_BODY = "Your device is listening, but has heard no voice for some time. Is it switched on near you, and uncovered?"


def remark_silence(event: UserSilent) -> str:
    """Tell the user, unless they do not want that, were told within a day, or speak elsewhere; says what came of it.

    However many connections and instances notice it, and however often each says so, it is told once: the first
    one's name stays with the claim, so that whoever has to finish its work says the same again.

    Raises:
        LeaseHeldError: somebody is at it right now.
    """
    uid = event.uid
    if clock.now() - event.noticed_at > _TIMELY:
        return "too late"
    if not users.find(uid=uid).silence_notification_enabled or account_deletions.under_way(uid):
        return "not wanted"
    if _has_spoken_since(event):
        return "spoke elsewhere"
    lease_seconds = settings().lease_seconds
    claim = claims.acquire(uid=uid, step=KIND, subject="any", run=0, lease_seconds=lease_seconds, kept_s=DAY_S)
    if isinstance(claim, Settled):
        return "told before"
    with holding(claim, lease_seconds=lease_seconds, longest_s=settings().longest_work_s):
        occasion = claim.noted or event.notice_id
        claims.note(claim, occasion)
        notify(uid=uid, kind=KIND, title=_TITLE, body=_BODY, once=(occasion,))
    claims.finish(claim, result=occasion)
    return "told"


def _has_spoken_since(event: UserSilent) -> bool:
    """Whether words came after all, perhaps from another device."""
    live = live_conversations.list_in_progress(uid=event.uid, limit=_MOST_AT_ONCE)
    newest = (segment_batches.find_newest(uid=event.uid, conversation_id=each.id) for each in live)
    return any(batch is not None and batch.segments and batch.heard_at >= event.since for batch in newest)
