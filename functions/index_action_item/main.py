"""Firestore action item written -> its vector follows: upserted, replaced, removed."""

from common.action_items.index import index_action_item
from common.entry.events import DocumentChanged
from common.entry.triggers import on_document_written


@on_document_written(step="index_action_item", collection="action_items")
def main(change: DocumentChanged) -> None:
    """Bring the index up to date with the document."""
    index_action_item(uid=change.uid, action_item_id=change.document_id)
