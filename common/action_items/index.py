"""What the index holds of an action item: its description, unless it is gone or locked."""

from common.database import action_items
from common.database.vectors import Namespace
from common.indexing.texts import follow_text


def index_action_item(*, uid: str, action_item_id: str) -> None:
    """Bring the vector of an action item up to date.

    Raises:
        LeaseHeldError: another worker is at it; come again.
    """
    follow_text(
        action_item_id,
        uid=uid,
        store=action_items.of(uid=uid),
        namespace=Namespace.ACTION_ITEMS,
        text=lambda item: None if item.is_locked else item.description,
        created_at=lambda item: item.created_at,
    )
