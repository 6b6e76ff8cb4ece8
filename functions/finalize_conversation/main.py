"""Cloud Task -> a live conversation that has been silent for its timeout is closed, or looked at again later."""

from common.conversations.finalize import finalize_conversation
from common.entry.triggers import on_timer
from common.models.events import FinalizeConversation


@on_timer(FinalizeConversation, step="finalize_conversation")
def main(task: FinalizeConversation) -> None:
    """Close the conversation if it is silent."""
    finalize_conversation(task)
