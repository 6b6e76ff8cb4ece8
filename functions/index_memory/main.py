"""Firestore memory written -> its vector follows: upserted, replaced, removed."""

from common.entry.events import DocumentChanged
from common.entry.triggers import on_document_written
from common.memories.index import index_memory


@on_document_written(step="index_memory", collection="memories")
def main(change: DocumentChanged) -> None:
    """Bring the index up to date with the document."""
    index_memory(uid=change.uid, memory_id=change.document_id)
