"""Pub/Sub `conversation-completed` -> its user's evening is expected, and a long one is told."""

from common.conversations.finished import note_completed
from common.entry.triggers import on_completed
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step="note_conversation")
def main(event: ConversationCompleted) -> str:
    """Note it."""
    return note_completed(event)
