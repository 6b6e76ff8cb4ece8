"""From one piece of news to the deliveries it makes: one for everybody who wants it, however often it is announced."""

from common.apps.terms import is_stale, terms
from common.core.logs import get_logger
from common.database import realtime, tasks
from common.models.events import DeliverWebhook, SegmentsReady
from common.models.webhook import Listener, WebhookKind


def relay_segments(event: SegmentsReady) -> None:
    """Make a delivery for every listener; the same event again makes none."""
    if is_stale(WebhookKind.TRANSCRIPT, event.happened_at):
        get_logger().warning("realtime_news_stale", conversation_id=event.conversation_id)
        return
    for listener in realtime.listeners(uid=event.uid):
        parts = _parts(event, listener)
        if parts:
            delivery = DeliverWebhook(
                uid=event.uid,
                kind=listener.kind,
                app_id=listener.app_id,
                conversation_id=event.conversation_id,
                parts=parts,
                happened_at=event.happened_at,
            )
            tasks.enqueue_delivery(delivery)


def _parts(event: SegmentsReady, listener: Listener) -> tuple[str, ...]:
    if not terms(listener.kind).live:
        return ()
    if listener.kind is WebhookKind.TRANSCRIPT:
        return event.batches
    return event.developer_audio if listener.app_id is None else event.audio
