"""Firestore conversation deleted -> what hung on it goes: audio, pictures, segments."""

from common.conversations.purge import purge_conversation
from common.entry.events import ConversationChanged
from common.entry.triggers import on_conversation_written


@on_conversation_written(step="purge_conversation")
def main(change: ConversationChanged) -> None:
    """Remove what hung on the document."""
    purge_conversation(uid=change.uid, conversation_id=change.conversation_id)
