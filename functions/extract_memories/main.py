"""Pub/Sub `conversation-completed` -> what it teaches about its owner is remembered, judged by what is known."""

from common.entry.triggers import on_completed
from common.memories.extract import extract_memories
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step="extract_memories")
def main(event: ConversationCompleted) -> str:
    """Remember what this run says."""
    return extract_memories(uid=event.uid, conversation_id=event.conversation_id, run=event.run)
