"""Recordings of what has been understood, deleted at the user's wish; what still has to be understood is kept."""

from common.core import clock
from common.core.errors import RetryableError
from common.core.logs import get_logger
from common.database import audio_blocks, conversations, media
from common.database.media import Store
from common.database.whole_conversations import Room
from common.models.conversation import Conversation
from common.users.consents import Consent, consent

_AT_ONCE = 100
_PATIENCE_S = 40.0
"""Real seconds one request spends on it."""


def delete_recordings(*, uid: str) -> None:
    """Keep no recordings from now on, and delete those of conversations that need them no more.

    Raises:
        RetryableError: there are so many that asking again is needed.
    """
    consent(Consent.RECORDINGS, given=False, uid=uid)
    deadline = clock.Deadline.real(_PATIENCE_S)
    ids = media.list_folders(f"{uid}/", store=Store.AUDIO)
    count = 0
    for at in range(0, len(ids), _AT_ONCE):
        portion = ids[at : at + _AT_ONCE]
        for conversation in conversations.find_many(uid=uid, conversation_ids=portion, room=Room(0)):
            if deadline.passed:
                raise RetryableError("Not all recordings are deleted yet, ask again")
            if _is_understood(conversation):
                count += audio_blocks.delete_all(uid=uid, conversation_id=conversation.id)
                _forget_audio(conversation, uid=uid)
    get_logger().info("recordings_deleted", blocks=count)


def _is_understood(conversation: Conversation) -> bool:
    return conversation.status.terminal and conversation.failure is None


def _forget_audio(conversation: Conversation, *, uid: str) -> None:
    if not conversation.audio_files and conversation.conversation_audio is None:
        return
    conversations.change(
        uid=uid,
        conversation_id=conversation.id,
        decide=lambda current: current.model_copy(update={"audio_files": [], "conversation_audio": None}),
    )
