"""The safety net: whatever is stuck, due or parked is put back on its way, a bounded number at a time."""

from common.conversations import finalize, lifecycle, recording, spans
from common.core import clock
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import conversations, segment_batches
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import TranscribeSpan

BATCH = 50
"""Conversations looked at per kind and sweep; the next sweep takes the next ones."""
MOST_RUNS_WITHOUT_RESULT = 25
"""A conversation that has been started this often is given up rather than started again."""


def sweep() -> dict[str, int]:
    """One round; says how many conversations of each kind were moved."""
    moved = {
        "silent": _close_silent(),
        "stalled": _restart_stalled(),
        "retried": _retry_failed(),
    }
    get_logger().info("swept", **moved)
    return moved


def _close_silent() -> int:
    """Live conversations whose timer was lost, with whichever instance served them."""
    unchanged_since = clock.now() - clock.duration(settings().conversation_timeout_s)
    moved = 0
    for uid, conversation in conversations.list_unchanged_since(
        unchanged_since, status=ConversationStatus.IN_PROGRESS, limit=BATCH
    ):
        known = recording.load(conversation, uid=uid)
        owed = conversation.pending_spans or known.holes
        if conversation.capture.kind == "upload" and owed:
            spans.plan_spans(conversation, known.holes, uid=uid)
            moved += 1
        elif conversation.capture.kind == "upload" or recording.silence_is_over_at(known) is None:
            finalize.close_conversation(conversation, uid=uid)
            moved += 1
        else:  # to the end of the queue, so that the next sweep looks at others
            conversations.change(uid=uid, conversation_id=conversation.id, decide=lambda current: current)
    return moved


def _restart_stalled() -> int:
    """Conversations whose run has shown no life for two leases."""
    stalled_since = clock.now() - clock.duration(2 * settings().lease_seconds)
    moved = 0
    for uid, conversation in conversations.list_unchanged_since(
        stalled_since, status=ConversationStatus.PROCESSING, limit=BATCH
    ):
        for key in conversation.pending_spans:
            span = TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation.id, run=conversation.run)
            spans.give_up_span(span, "not transcribed in time")
        if not conversation.pending_spans:
            run = conversation.run
            conversations.change(
                uid=uid,
                conversation_id=conversation.id,
                decide=lambda current, run=run: _restart(current, run=run),  # type: ignore[misc]  # bound now, not later
            )
        moved += 1
    return moved


def _restart(conversation: Conversation, *, run: int) -> Conversation | None:
    if conversation.run != run or conversation.status is not ConversationStatus.PROCESSING:
        return None
    if run >= MOST_RUNS_WITHOUT_RESULT:
        return lifecycle.fail(conversation, run=run, step="sweep", reason="could not be processed")
    return lifecycle.begin_processing(conversation)


def _retry_failed() -> int:
    """Conversations that an outage left failed, or with audio nobody understood."""
    moved = 0
    for uid, conversation in conversations.list_due_for_retry(clock.now(), limit=BATCH):
        batches = segment_batches.list_batches(uid=uid, conversation_id=conversation.id)
        given_up = [batch for batch in batches if batch.given_up is not None]
        segment_batches.delete(given_up, uid=uid, conversation_id=conversation.id)
        conversations.change(uid=uid, conversation_id=conversation.id, decide=_retry)
        moved += 1
    return moved


def _retry(conversation: Conversation) -> Conversation | None:
    if not conversation.status.terminal or conversation.failure is None:
        return None
    started = lifecycle.begin_processing(conversation)
    return started.model_copy(update={"failure": conversation.failure.model_copy(update={"retry_at": None})})
