"""Telling everybody who listens that something is done: a conversation, or the user's day."""

from common.core import clock
from common.database import claims, realtime, tasks
from common.database.claims import Settled
from common.models.conversation import Conversation
from common.models.events import DeliverWebhook, RefreshPersona
from common.models.webhook import WebhookKind

_FIRST = "conversation_announced"
"""The step that is done once for a conversation, however often it is processed."""
_LEASE_S = 60.0


def announce_conversation(conversation: Conversation, *, uid: str) -> None:
    """Make a delivery for every listener; doing it again for the same run makes none.

    An app hears of every run, the user's own address of the first that was worth keeping (CONTRACT section 5.8).

    Raises:
        LeaseHeldError: somebody is at it.
    """
    listening = [each for each in realtime.listeners(uid=uid) if each.kind is WebhookKind.CONVERSATION]
    for app_id in [each.app_id for each in listening if each.app_id is not None]:
        _enqueue(conversation, uid=uid, app_id=app_id)
    first = claims.acquire(uid=uid, step=_FIRST, subject=conversation.id, run=0, lease_seconds=_LEASE_S)
    if isinstance(first, Settled):
        return
    if any(each.app_id is None for each in listening):
        _enqueue(conversation, uid=uid, app_id=None)
    tasks.schedule_persona(RefreshPersona(uid=uid))
    claims.finish(first, result="announced")


def announce_day_summary(summary_id: str, *, uid: str) -> None:
    """Tell the user's own address, if it wants to know, what a day was; once per summary."""
    if any(each.kind is WebhookKind.DAY_SUMMARY for each in realtime.listeners(uid=uid)):
        tasks.enqueue_delivery(
            DeliverWebhook(uid=uid, kind=WebhookKind.DAY_SUMMARY, parts=(summary_id,), happened_at=clock.now())
        )


def _enqueue(conversation: Conversation, *, uid: str, app_id: str | None) -> None:
    tasks.enqueue_delivery(
        DeliverWebhook.of_conversation(
            conversation.id, uid=uid, app_id=app_id, run=conversation.run, happened_at=clock.now()
        )
    )
