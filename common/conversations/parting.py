"""What becomes of stored audio that has done its work: its owner keeps it, or it goes after a while (decision 0038)."""

from common.conversations import lifecycle, recording
from common.conversations.late import reprocess_unless_whole
from common.conversations.recording import Recording
from common.core import clock
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import audio_blocks, audio_ends, audio_traces, conversations, users
from common.database.audio_ends import AudioEnd
from common.models.conversation import Conversation, ConversationStatus

MOST_AT_ONCE = 20
"""Conversations whose audio one round looks at: a long one has thousands of blocks."""


def keep_or_expect_end(known: Recording, *, uid: str) -> None:
    """Keep the audio of a completed conversation, or note when it goes.

    Audio that was given up stays as it is: it will be heard again, until a rule of the bucket ends that.
    """
    if not known.blocks:
        return
    if _is_kept(known.conversation, uid=uid):
        audio_blocks.keep_all(uid=uid, conversation_id=known.conversation.id)
    elif not known.gaps:
        _expect_end(uid=uid, conversation_id=known.conversation.id)


def end_due_audio() -> int:
    """Delete the audio of conversations whose time has come; of how many."""
    return sum(_look_at(uid, end) for uid, end in audio_ends.list_due(clock.now(), limit=MOST_AT_ONCE))


def _look_at(uid: str, end: AudioEnd) -> bool:
    """One of them; what is wrong with it must not hold up the others, now or in the next round."""
    try:
        return _end_audio(uid, end)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
        get_logger().error("audio_not_ended", conversation_id=end.id, error=type(error).__name__)
        _expect_end(uid=uid, conversation_id=end.id)
        return False


def _end_audio(uid: str, end: AudioEnd) -> bool:
    """Delete what a conversation certainly needs no more, as everything is now; whether there was any.

    One that is nothing but voices that nobody has understood goes with its audio.
    """
    conversation = conversations.find(uid=uid, conversation_id=end.id)
    known = recording.load(conversation, uid=uid) if conversation is not None else None
    if conversation is None or known is None or not known.blocks:
        audio_ends.forget(end, uid=uid)
        return False
    if conversation.status is not ConversationStatus.COMPLETED or known.gaps or reprocess_unless_whole(known, uid=uid):
        _expect_end(uid=uid, conversation_id=conversation.id)
        return False
    if _is_kept(conversation, uid=uid):  # from now on
        audio_blocks.keep_all(uid=uid, conversation_id=conversation.id)
        audio_ends.forget(end, uid=uid)
        return False
    gone = [audio_blocks.as_stored(block) for block in known.blocks]
    audio_traces.add(gone, uid=uid, conversation_id=conversation.id)
    audio_blocks.delete(known.blocks)
    audio_ends.forget(end, uid=uid)
    if lifecycle.is_not_understood(conversation) and not (conversation.starred or conversation.user_title):
        conversations.delete(uid=uid, conversation_id=conversation.id)
    return True


def _expect_end(*, uid: str, conversation_id: str) -> None:
    look_at = clock.now() + clock.duration(settings().understood_audio_s)
    audio_ends.expect(look_at, uid=uid, conversation_id=conversation_id)


def _is_kept(conversation: Conversation, *, uid: str) -> bool:
    """Whether its owner keeps recordings, or did when it began."""
    user = users.find(uid=uid)
    return conversation.private_cloud_sync_enabled or user.private_cloud_sync_enabled or user.store_recording_permission
