"""Pub/Sub `conversation-completed` -> the mentor has something to say, or not."""

from common.chat.advising import STEP, advise
from common.entry.triggers import on_completed
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step=STEP)
def main(event: ConversationCompleted) -> str:
    """Think about it."""
    return advise(event)
