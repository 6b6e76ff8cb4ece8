"""What a client is told when one of its conversations has been closed."""

from common.conversations.so_far import with_words_so_far
from common.database import conversations
from common.models.conversation import Conversation, ConversationStatus


def find_closed(*, uid: str, conversation_id: str) -> Conversation | None:
    """A conversation that is not live any more, or None when it is gone.

    While it is being processed its own transcript is still to come: it is shown with what is understood by now.
    """
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or conversation.status is not ConversationStatus.PROCESSING:
        return conversation
    return with_words_so_far(conversation, uid=uid)
