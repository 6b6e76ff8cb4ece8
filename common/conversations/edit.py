"""What a user does to a finished conversation."""

from common.conversations import lifecycle
from common.core.errors import ConflictError, NotFoundError
from common.database import conversations
from common.models.conversation import Conversation


def rename_conversation(*, uid: str, conversation_id: str, title: str) -> Conversation:
    """Give it a title of the user's own, which no later run overwrites.

    Raises:
        NotFoundError: no such conversation.
    """
    return _change(
        uid,
        conversation_id,
        lambda conversation: conversation.model_copy(
            update={
                "user_title": title,
                "structured": conversation.structured.model_copy(update={"title": title}),
            }
        ),
    )


def reprocess_conversation(*, uid: str, conversation_id: str) -> Conversation:
    """Begin a new run of a finished conversation.

    Raises:
        NotFoundError: no such conversation.
        ConflictError: it is not finished.
    """

    def begin(conversation: Conversation) -> Conversation:
        if not conversation.status.terminal:
            raise ConflictError("The conversation is not finished yet")
        return lifecycle.begin_processing(conversation)

    return _change(uid, conversation_id, begin)


def _change(uid: str, conversation_id: str, decide: lifecycle.Decision) -> Conversation:
    changed = conversations.change(uid=uid, conversation_id=conversation_id, decide=decide)
    if changed is None:
        raise NotFoundError("Conversation not found")
    return changed
