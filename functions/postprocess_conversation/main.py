"""Pub/Sub `conversation-completed` -> the conversation is heard again, its emotions measured, where that is wanted."""

from common.conversations.postprocess import STEP, give_up_beginning, postprocess_conversation
from common.entry.triggers import on_completed
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step=STEP, give_up=give_up_beginning)
def main(event: ConversationCompleted) -> str:
    """Begin it."""
    return postprocess_conversation(event)
