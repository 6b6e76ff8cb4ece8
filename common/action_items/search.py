"""Search in action items, by meaning and by words."""

from common.database import action_items
from common.database.vectors import Namespace
from common.indexing.texts import find_nearest
from common.models.action_item import ActionItem


def search_action_items(query: str, *, uid: str, limit: int) -> list[ActionItem]:
    """What is or was to be done about `query`, best first. What is deleted or locked is not found, at once.

    Raises:
        ProviderError: the query could not be embedded.
    """
    nearest = find_nearest(query, uid=uid, namespace=Namespace.ACTION_ITEMS)
    found = action_items.of(uid=uid).find_many([match.document_id for match in nearest])
    return [item for item in found if not item.is_locked][:limit]
