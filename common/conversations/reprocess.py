"""A conversation goes through the chain again, because its owner asks, or is closed, because its owner is done."""

from common.conversations import coverage, finalize
from common.conversations.edit import change_unlocked, get_unlocked
from common.conversations.lifecycle import OWNER, STRUCTURING, begin_processing, is_not_understood
from common.conversations.upload import is_rejected
from common.core.errors import ConflictError
from common.database import claims
from common.models.conversation import Conversation, ConversationStatus, Relevance
from common.models.finalization import Finalization


def reprocess_conversation(
    *, uid: str, conversation_id: str, language: str | None = None, app_id: str | None = None
) -> Conversation:
    """Begin a new run of a finished conversation; one that was discarded is kept from now on.

    Voices in it that nobody has understood are heard again, where their audio is still there. Where there is nothing
    else in it, it is judged by what is understood then.

    Args:
        uid: the owner.
        conversation_id: the conversation.
        language: what was spoken, where that was understood wrongly.
        app_id: the app that shall summarise it.

    Raises:
        NotFoundError: no such conversation.
        ConflictError: it is not finished, or stands for a file that could not be taken in.
        LockedError: it was made without credit.
    """

    def begin(conversation: Conversation) -> Conversation:
        if not conversation.status.terminal:
            raise ConflictError("The conversation is not finished yet")
        if is_rejected(conversation):
            raise ConflictError("The file could not be taken in, so there is nothing to be processed")
        begun = begin_processing(conversation)
        asked: dict[str, object] = {"summary_app_id": app_id, "asked_run": begun.run}
        if language is not None:  # what was understood in the wrong language has no title worth keeping
            asked |= {"language": language, "asked_run": 0}
        if conversation.unheard:
            asked["covered"] = {
                name: coverage.subtract(covered, conversation.unheard.get(name, []))
                for name, covered in conversation.covered.items()
            }
        if conversation.discarded and not is_not_understood(conversation):
            asked["relevance"] = Relevance(verdict="keep", decided_by=OWNER, reason="processed again by its owner")
        return begun.model_copy(update=asked)

    return change_unlocked(uid, conversation_id, begin)


def finalize_now(*, uid: str, conversation_id: str) -> Conversation:
    """Close a conversation that is being captured; one that is closed already stays as it is.

    Raises:
        NotFoundError: no such conversation.
        ConflictError: it is being merged.
        LockedError: it was made without credit.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    if conversation.status is ConversationStatus.MERGING:
        raise ConflictError("The conversation is being merged")
    if conversation.status is not ConversationStatus.IN_PROGRESS:
        return conversation
    closed = finalize.close_conversation(conversation, uid=uid)
    return closed if closed is not None else get_unlocked(uid=uid, conversation_id=conversation_id)


def finalization(*, uid: str, conversation_id: str) -> Finalization:
    """How far the processing of a conversation is.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    attempts = claims.attempts(uid=uid, step=STRUCTURING, subject=conversation_id, run=conversation.run)
    failed = conversation.status is ConversationStatus.FAILED
    return Finalization(
        job_id=f"{conversation_id}:{conversation.run}",
        status=conversation.status,
        terminal=conversation.status.terminal,
        retryable=failed and conversation.failure is not None and conversation.failure.retry_at is not None,
        attempt_count=attempts,
        task_retry_count=max(0, attempts - 1),
    )
