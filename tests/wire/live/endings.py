"""How conversations end in tests: by silence, and with everything that follows."""

from common.conversations.finalize import finalize_conversation
from common.conversations.structure import structure_conversation
from common.database import conversations
from common.models.conversation import ConversationStatus
from common.models.events import FinalizeConversation
from tests.wire.live import kept


def finished(uid: str, conversation_id: str) -> str:
    closed = conversations.get(uid=uid, conversation_id=conversation_id)
    return structure_conversation(uid=uid, conversation_id=conversation_id, run=closed.run)


def silence_ends(uid: str, conversation_id: str) -> None:
    """The timer rings until nobody has said anything for long enough."""

    def ring() -> bool:
        finalize_conversation(FinalizeConversation(uid=uid, conversation_id=conversation_id))
        found = conversations.get(uid=uid, conversation_id=conversation_id)
        return found.status is not ConversationStatus.IN_PROGRESS

    kept.soon(ring, what="the silence is over")
