"""The deliveries of webhooks that were asked for."""

from common.core import clock
from common.core.ids import new_id
from common.database import tasks
from common.models.events import DeliverWebhook
from common.models.webhook import WebhookKind
from local.functions import function_url
from tests.support.stores import Stores
from tests.support.waiting import eventually


def deliveries(stores: Stores, uid: str, *, expected: int) -> list[DeliverWebhook]:
    """The tasks about a user that have gone out; when they have, their names are used up."""

    def gone_out(whose: str) -> list[DeliverWebhook]:
        requests = [each for each in stores.tasks.received if str(each.url) == function_url("deliver_webhook")]
        found = [DeliverWebhook.model_validate_json(each.content) for each in requests]
        return [task for task in found if task.uid == whose]

    eventually(lambda: len(gone_out(uid)) >= expected, within_s=10, what="the tasks go out", every_s=0.02)
    # One more, of somebody else's: what was asked for before it has gone out as well, though nobody expects it.
    last = DeliverWebhook(uid=new_id(), kind=WebhookKind.CONVERSATION, parts=("last",), happened_at=clock.now())
    tasks.enqueue_delivery(last)
    eventually(lambda: gone_out(last.uid), within_s=10, what="the last task goes out", every_s=0.02)
    return gone_out(uid)
