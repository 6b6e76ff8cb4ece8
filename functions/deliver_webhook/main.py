"""Cloud Task -> an app, or the user's own address, is told what has happened."""

from common.apps.delivering import STEP, deliver_webhook
from common.entry.triggers import on_timer
from common.models.events import DeliverWebhook


@on_timer(DeliverWebhook, step=STEP)
def main(task: DeliverWebhook) -> None:
    """Tell it, unless it was told before."""
    deliver_webhook(task)
