"""A conversation is deleted by its owner, with or without what was learned from it."""

from common.database import conversations, learned


def delete_conversation(*, uid: str, conversation_id: str, cascade: bool = False) -> None:
    """Delete it; what hangs on it follows through the event, what was learned from it goes at once, if asked for.

    Raises:
        NotFoundError: no such conversation.
    """
    conversations.delete(uid=uid, conversation_id=conversation_id, cascade=cascade)
    if cascade:
        learned.delete_all(uid=uid, conversation_id=conversation_id)
