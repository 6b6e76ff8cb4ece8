"""Silence: a live conversation that nobody adds to any more is closed, once."""

from common.conversations import lifecycle, silence
from common.core.logs import get_logger
from common.database import cache, conversations, tasks
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import FinalizeConversation


def finalize_conversation(task: FinalizeConversation) -> None:
    """Close the conversation if its silence timeout is over, else look again when it can be."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    if conversation is None or conversation.status is not ConversationStatus.IN_PROGRESS:
        return
    look_again_at = silence.look_again_at(conversation, uid=task.uid)
    if look_again_at is not None:
        tasks.schedule_finalize(task, at=look_again_at)
        return
    close_conversation(conversation, uid=task.uid)


def close_conversation(conversation: Conversation, *, uid: str) -> Conversation | None:
    """in_progress → processing, once; returns the conversation as it is afterwards, None when it is gone."""
    closed = conversations.change(
        uid=uid,
        conversation_id=conversation.id,
        decide=lambda current: (
            lifecycle.begin_processing(current) if current.status is ConversationStatus.IN_PROGRESS else None
        ),
    )
    cache.forget_live(uid=uid)
    get_logger().info("conversation_closed", conversation_id=conversation.id)
    return closed
