"""Firestore conversation written -> its vectors follow: upserted, replaced, removed."""

from common.conversations.index import index_conversation
from common.entry.events import ConversationChanged
from common.entry.triggers import on_conversation_written


@on_conversation_written(step="index_conversation")
def main(change: ConversationChanged) -> None:
    """Bring the index up to date with the document."""
    index_conversation(uid=change.uid, conversation_id=change.conversation_id)
