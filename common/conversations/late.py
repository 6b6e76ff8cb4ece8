"""Words or audio that come after a conversation was structured."""

from common.conversations import lifecycle, recording
from common.database import conversations


def reprocess_if_late(*, uid: str, conversation_id: str) -> None:
    """Begin a new run where words or audio came after the transcript was put together."""
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or not conversation.status.terminal:
        return
    late = recording.load(conversation, uid=uid)
    if late.leftovers or late.holes:
        run = conversation.run
        conversations.change(
            uid=uid,
            conversation_id=conversation_id,
            decide=lambda current: lifecycle.begin_processing(current) if current.run == run else None,
        )
