"""Action items of their own that stand for those inside a conversation do what is done to these."""

from collections.abc import Mapping

from common.action_items.edit import arrange_action_items, delete_action_items
from common.database import action_items
from common.database.action_items import Filters
from common.models.action_item import ActionItemChanges

_MOST = 500
"""Action items of one conversation."""


def follow_conversation(changes: Mapping[str, ActionItemChanges | None], *, uid: str, conversation_id: str) -> None:
    """Change or delete the action items that came from a conversation.

    Args:
        changes: by their present descriptions; None deletes. What is not there, or locked, is passed over.
        uid: the owner.
        conversation_id: where they came from.
    """
    if not changes:
        return
    found, _ = action_items.list_page(Filters(conversation_id=conversation_id), uid=uid, limit=_MOST)
    named = [
        (item.id, changes[item.description]) for item in found if item.description in changes and not item.is_locked
    ]
    arrange_action_items({item_id: change for item_id, change in named if change is not None}, uid=uid)
    delete_action_items(uid=uid, action_item_ids=[item_id for item_id, change in named if change is None])
