"""A finished conversation is heard again, more carefully, and how its speakers sound is measured (CONTRACT 5.12).

    not_started ──▶ in_progress ──▶ completed | canceled | failed

Both are services that take minutes. So each is asked once, then looked at by one task after the other, and whatever
happens in between is found again in `…/hearings`. What was understood again goes into the transcript, and with it the
conversation through the chain: its structure and vectors follow. That run is not followed by another hearing.
"""

from common.conversations.edit import get_unlocked
from common.conversations.postprocess_looking import end
from common.core.errors import BadRequestError, ConflictError
from common.database import audio_blocks, conversations, hearings, tasks, users
from common.models.attachments import PostProcessing, PostProcessingStatus
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import ConversationCompleted, Postprocess
from common.models.second_hearing import Hearing, Kind
from common.speech.second_hearing import hume, whisperx

STEP = "postprocess_conversation"


def postprocess_conversation(event: ConversationCompleted) -> str:
    """Begin what the settings and the user want of a conversation that is done; says in a word what that is.

    Raises:
        RetryableError: a store failed.
    """
    if whisperx() is None and hume() is None:
        return "off"
    conversation = conversations.find(uid=event.uid, conversation_id=event.conversation_id)
    if conversation is None:
        return "deleted"
    if conversation.discarded or conversation.is_locked or not _has_audio(conversation, uid=event.uid):
        return "not to be heard"
    begun = []
    if whisperx() is not None and _begin("fal_whisperx", conversation, uid=event.uid):
        begun.append("whisperx")
    if hume() is not None and users.find(uid=event.uid).emotional_feedback:
        begun += ["hume"] if _begin("hume", conversation, uid=event.uid) else []
    return " and ".join(begun) or "heard before"


def give_up_beginning(event: ConversationCompleted, reason: str) -> None:
    """Say that nobody was asked, where that was about to be done."""
    there = {"uid": event.uid, "conversation_id": event.conversation_id}
    for hearing in hearings.of(**there).find_many(["fal_whisperx", "hume"]):
        if hearing.state == "preparing" and hearing.run == event.run:
            end(_task(hearing, **there), "failed", reason=reason)


def request_postprocessing(*, uid: str, conversation_id: str, emotional_feedback: bool = False) -> Conversation:
    """Begin it because the owner asks, also after one that came to nothing.

    Args:
        uid: the owner.
        conversation_id: the conversation.
        emotional_feedback: whether emotions shall be measured, too: that is leave enough, this time.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
        BadRequestError: it is discarded, without audio, or was heard again before, or nobody can.
        ConflictError: it is not finished.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    if conversation.discarded:
        raise BadRequestError("The conversation is discarded")
    if conversation.status is not ConversationStatus.COMPLETED:
        raise ConflictError("The conversation is not finished yet")
    if whisperx() is None:
        raise BadRequestError("Post-processing is not set up here")
    if not _has_audio(conversation, uid=uid):
        raise BadRequestError("No audio of the conversation is stored")
    if not _begin("fal_whisperx", conversation, uid=uid, again=True):
        raise BadRequestError("The conversation was post-processed before")
    if emotional_feedback and hume() is not None:
        _begin("hume", conversation, uid=uid, again=True)
    return get_unlocked(uid=uid, conversation_id=conversation_id)


def _begin(kind: Kind, conversation: Conversation, *, uid: str, again: bool = False) -> bool:
    there = {"uid": uid, "conversation_id": conversation.id}
    hearing = hearings.start(kind, run=conversation.run, again=again, **there)
    if hearing is None:
        return False
    if kind == "fal_whisperx":
        in_progress = PostProcessing(status=PostProcessingStatus.IN_PROGRESS)
        after = conversations.change(
            decide=lambda current: current.model_copy(update={"postprocessing": in_progress}), **there
        )
        if after is None:
            conversations.delete_children(**there)
            return False
    tasks.enqueue_postprocessing(_task(hearing, **there))
    return True


def _task(hearing: Hearing, *, uid: str, conversation_id: str) -> Postprocess:
    """The first look at it."""
    return Postprocess(
        uid=uid, conversation_id=conversation_id, kind=hearing.id, run=hearing.run, attempt=hearing.attempt
    )


def _has_audio(conversation: Conversation, *, uid: str) -> bool:
    return audio_blocks.is_any_stored(uid=uid, conversation_id=conversation.id)
