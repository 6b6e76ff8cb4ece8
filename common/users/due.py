"""What is due goes to the user's devices, whichever kind it is."""

from common.action_items.elsewhere.export import export
from common.action_items.reminding import remind
from common.models.events import ActionItemsToExport, Due, NotificationDue, UserSilent
from common.notifications.deliver import deliver
from common.users.silence import remark_silence


def tell(due: Due) -> None:
    """Tell them.

    Raises:
        ProviderError: not every device could be told.
        LeaseHeldError: somebody is at it right now.
    """
    event = due.root
    if isinstance(event, NotificationDue):
        deliver(event)
    elif isinstance(event, UserSilent):
        remark_silence(event)
    elif isinstance(event, ActionItemsToExport):
        export(event)
    else:
        remind(event)
