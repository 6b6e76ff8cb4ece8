"""Firestore conversation entered `processing` -> structured, completed, announced."""

from common.conversations.lifecycle import STRUCTURING
from common.conversations.structure import fail_conversation, structure_conversation
from common.entry.events import ProcessingEntered
from common.entry.triggers import on_processing_entered


def give_up(entered: ProcessingEntered, reason: str) -> None:
    """The conversation says that it failed, and why."""
    fail_conversation(uid=entered.uid, conversation_id=entered.conversation_id, run=entered.run, reason=reason)


@on_processing_entered(step=STRUCTURING, give_up=give_up)
def main(entered: ProcessingEntered) -> str:
    """Structure this run of the conversation."""
    return structure_conversation(uid=entered.uid, conversation_id=entered.conversation_id, run=entered.run)
