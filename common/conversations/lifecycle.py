"""The state machine of a conversation, as pure functions: every transition checks where it starts from.

    in_progress ──▶ processing ──▶ completed | failed
                      ▲    │ ▲               │
                      └────┘ └───────────────┘
                 lease over    reprocess, retry, late audio

    completed ──▶ merging ──▶ gone, or completed again

Each entry into `processing` counts `run` up; that is what the chain is triggered by, and keyed with.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from common.conversations.coverage import Timeline
from common.conversations.user_edits import keep_user_edits
from common.core import clock
from common.core.errors import ConflictError
from common.models.attachments import AudioFile
from common.models.conversation import Conversation, ConversationStatus, Failure, Merging, Relevance
from common.models.segment import TranscriptSegment
from common.models.structured import Structured

STRUCTURING = "structure_conversation"
"""The step that a run consists of; its claims carry this name."""

OWNER = "user"
"""Who has decided what is relevant, where the owner of the conversation has."""

NOT_UNDERSTOOD = "voices of which no word was understood"
"""Why a conversation is discarded in which there is nothing but audio that can be heard again."""

Decision = Callable[[Conversation], Conversation | None]
"""What becomes of a conversation: as it shall be, or None to leave it as it is."""

RETRY_AFTER_S = (600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)
"""How long after a failure it is tried again by itself, for the first, second, … time."""

MOST_RESTARTS = 10
"""A run that came to no result is begun again this often; then the conversation is given up."""


def begin_processing(conversation: Conversation) -> Conversation:
    """Enter `processing`, from wherever that is possible.

    Raises:
        ConflictError: it is being merged.
    """
    if conversation.status is ConversationStatus.MERGING:
        raise ConflictError("The conversation is being merged")
    return conversation.model_copy(
        update={"status": ConversationStatus.PROCESSING, "run": conversation.run + 1, "pending_spans": []}
    )


def restart(conversation: Conversation, *, run: int) -> Conversation | None:
    """Begin a run again that shows no life; given up when that was tried often enough. None when the run is over."""
    if conversation.run != run or conversation.status is not ConversationStatus.PROCESSING:
        return None
    if conversation.restarts >= MOST_RESTARTS:
        return fail(conversation, run=run, step="sweep", reason="could not be processed")
    return begin_processing(conversation).model_copy(update={"restarts": conversation.restarts + 1})


def await_spans(conversation: Conversation, *, run: int, spans: list[str]) -> Conversation | None:
    """Note which spans this run waits for; None when the run is over."""
    if conversation.status.terminal or conversation.run != run or conversation.pending_spans:
        return None
    return conversation.model_copy(update={"pending_spans": spans})


def settle_span(conversation: Conversation, *, span: str) -> Conversation | None:
    """One span less to wait for; with the last one a new run begins. None when nobody waits for it."""
    if span not in conversation.pending_spans:
        return None
    pending = [waiting for waiting in conversation.pending_spans if waiting != span]
    if pending:
        return conversation.model_copy(update={"pending_spans": pending})
    return begin_processing(conversation)


def complete(
    conversation: Conversation,
    *,
    run: int,
    structured: Structured,
    segments: list[TranscriptSegment],
    covered: Timeline,
    unheard: Timeline,
    audio_files: list[AudioFile],
    relevance: Relevance,
    retry_at: datetime | None,
) -> Conversation | None:
    """The result of a run; None when the run is over already. What belongs to the user stays as it is."""
    if conversation.status is not ConversationStatus.PROCESSING or conversation.run != run:
        return None
    last_word = max((segment.end for segment in segments), default=0.0)
    finished_at = conversation.finished_at
    if conversation.started_at is not None and last_word and not conversation.capture.deliberate:
        finished_at = conversation.started_at + timedelta(seconds=last_word)
    failure = None
    if retry_at is not None:
        retries = conversation.failure.retries + 1 if conversation.failure else 1
        failure = Failure(
            step="transcribe_span", reason="some of the audio is not understood", retry_at=retry_at, retries=retries
        )
    return conversation.model_copy(
        update={
            "status": ConversationStatus.COMPLETED,
            "restarts": 0,
            "structured": keep_user_edits(conversation, structured),
            "transcript_segments": segments,
            "covered": covered,
            "unheard": unheard,
            "audio_files": audio_files,
            "discarded": relevance.verdict == "discard",
            "relevance": relevance,
            "finished_at": finished_at,
            "failure": failure,
        }
    )


def fail(conversation: Conversation, *, run: int, step: str, reason: str) -> Conversation | None:
    """Give this run up, readable and to be tried again; None when the run is over already."""
    if conversation.status is not ConversationStatus.PROCESSING or conversation.run != run:
        return None
    retries = conversation.failure.retries if conversation.failure else 0
    failure = Failure(step=step, reason=reason, retry_at=next_retry(retries), retries=retries + 1)
    return conversation.model_copy(
        update={"status": ConversationStatus.FAILED, "failure": failure, "pending_spans": [], "restarts": 0}
    )


def is_not_understood(conversation: Conversation) -> bool:
    """Whether there is nothing in it but voices of which no word was understood."""
    relevance = conversation.relevance
    return conversation.discarded and relevance is not None and relevance.reason == NOT_UNDERSTOOD


def begin_merging(conversation: Conversation, merging: Merging) -> Conversation:
    """Wait to become part of another.

    Raises:
        ConflictError: it is not completed.
    """
    if conversation.status is not ConversationStatus.COMPLETED:
        raise ConflictError("Only completed conversations are merged")
    return conversation.model_copy(update={"status": ConversationStatus.MERGING, "merging": merging})


def end_merging(conversation: Conversation, *, into: str) -> Conversation | None:
    """Be as before; None when it does not wait for this merge."""
    if conversation.status is not ConversationStatus.MERGING:
        return None
    if conversation.merging is not None and conversation.merging.into != into:
        return None
    return conversation.model_copy(update={"status": ConversationStatus.COMPLETED, "merging": None})


def next_retry(retries: int) -> datetime | None:
    """When to try again after having tried `retries` times; None when that was enough."""
    if retries >= len(RETRY_AFTER_S):
        return None
    return clock.now() + clock.duration(RETRY_AFTER_S[retries])
