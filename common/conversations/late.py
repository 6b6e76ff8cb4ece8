"""Words or audio that come after a conversation was structured."""

from common.conversations import lifecycle, recording
from common.conversations.recording import Recording
from common.database import conversations


def reprocess_if_late(*, uid: str, conversation_id: str) -> None:
    """Begin a new run where words or audio came after the transcript was put together."""
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or not conversation.status.terminal:
        return
    # One that is done has no batches left but late ones, and some that nobody could understand: few are read here.
    reprocess_unless_whole(recording.load(conversation, uid=uid), uid=uid)


def reprocess_unless_whole(known: Recording, *, uid: str) -> bool:
    """Begin a new run where words or audio are missing in a transcript; whether any are."""
    if not known.leftovers and not known.holes:
        return False
    run = known.conversation.run
    conversations.change(
        uid=uid,
        conversation_id=known.conversation.id,
        decide=lambda current: lifecycle.begin_processing(current) if current.run == run else None,
    )
    return True
