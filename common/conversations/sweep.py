"""The safety net: whatever is stuck, due or parked is put back on its way, a bounded number at a time."""

from collections.abc import Callable, Iterable
from functools import partial

from common.conversations import finalize, lifecycle, merge, recording, silence, spans
from common.conversations.forget_person import resume_forgetting
from common.conversations.offline import worker
from common.conversations.parting import end_due_audio
from common.core import clock
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import claims, conversations, offline_files, segment_batches, stuck_conversations
from common.models.conversation import Conversation, ConversationStatus, Merging
from common.models.events import TranscribeSpan
from common.users.evenings import call_evenings
from common.users.protection import resume_protections

BATCH = 50
"""Conversations looked at per kind and sweep; the next sweep takes the next ones."""
_WAITING = 4 * BATCH
"""Runs looked at for those without life; most of many may only wait for their turn."""
_PATIENCE = 2.0
"""Leases without a sign of life after which a run is begun again; each time twice as many, for where all workers are
busy, whoever is begun again loses its place among those who wait."""
_MOST_DOUBLINGS = 4


def sweep() -> dict[str, int]:
    """One round; says how many of each kind were moved.

    Conversations, files, ends of days, users to protect, audio, people to forget.

    Raises:
        Exception: what was wrong with the first kind that could not be looked for; the others were.
    """
    kinds: dict[str, Callable[[], int]] = {
        "silent": _close_silent,
        "stalled": _restart_stalled,
        "retried": _retry_failed,
        "unmerged": _put_back_stuck,
        "offline": _work_on_files,
        "evenings": call_evenings,
        "protected": partial(resume_protections, limit=BATCH),
        "audio_ended": end_due_audio,
        "forgotten": partial(resume_forgetting, limit=BATCH),
    }
    moved: dict[str, int] = {}
    wrong: list[Exception] = []
    for kind, move in kinds.items():
        try:
            moved[kind] = move()
        except Exception as error:  # noqa: BLE001 - an index that is still being built must not hold up the other kinds
            get_logger().error("sweep_of_kind_failed", kind=kind, error=type(error).__name__)
            wrong.append(error)
    get_logger().info("swept", **moved)
    if wrong:
        raise wrong[0]
    return moved


def _each(found: Iterable[tuple[str, Conversation]], move: Callable[[str, Conversation], bool]) -> int:
    """Move them one by one; what is wrong with one of them must not hold up the others."""
    moved = 0
    for uid, conversation in found:
        try:
            moved += move(uid, conversation)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next sweep tries it again
            get_logger().error("sweep_failed", conversation_id=conversation.id, error=type(error).__name__)
    return moved


def list_unchanged(status: ConversationStatus, *, limit: int) -> list[tuple[str, Conversation]]:
    """(uid, conversation) that has been in a status without any change for longer than it should, oldest first."""
    in_progress = status is ConversationStatus.IN_PROGRESS
    longest_s = settings().conversation_timeout_s if in_progress else _PATIENCE * settings().lease_seconds
    return stuck_conversations.list_unchanged_since(clock.now() - clock.duration(longest_s), status=status, limit=limit)


def _close_silent() -> int:
    """Live conversations whose timer was lost, with whichever instance served them."""
    return _each(list_unchanged(ConversationStatus.IN_PROGRESS, limit=BATCH), close_if_silent)


def close_if_silent(uid: str, conversation: Conversation) -> bool:
    """Close a conversation that nobody adds to any more; whether anything was moved."""
    if conversation.capture.kind == "upload":
        if conversation.pending_spans:
            return _push_spans(uid, conversation)
        if holes := recording.load(conversation, uid=uid).holes:
            spans.plan_spans(conversation, holes, uid=uid)
        else:
            finalize.close_conversation(conversation, uid=uid)
        return True
    if silence.look_again_at(conversation, uid=uid) is None:
        finalize.close_conversation(conversation, uid=uid)
        return True
    # To the end of the queue, so that the next sweep looks at others.
    conversations.change(uid=uid, conversation_id=conversation.id, decide=lambda current: current)
    return False


def _restart_stalled() -> int:
    """Conversations whose run has shown no life for long."""
    found = list_unchanged(ConversationStatus.PROCESSING, limit=_WAITING)
    due = [(uid, conversation) for uid, conversation in found if _is_due(conversation)]
    return _each(due[:BATCH], restart_if_stalled)


def _is_due(conversation: Conversation) -> bool:
    leases = _PATIENCE * 2 ** min(conversation.restarts, _MOST_DOUBLINGS)
    changed_at = conversation.updated_at or conversation.created_at
    return clock.now() - changed_at >= clock.duration(leases * settings().lease_seconds)


def restart_if_stalled(uid: str, conversation: Conversation) -> bool:
    """Begin a run again that nobody works on; whether anything was moved."""
    if conversation.pending_spans:
        return _push_spans(uid, conversation)
    run = conversation.run
    if claims.is_leased(uid=uid, step=lifecycle.STRUCTURING, subject=conversation.id, run=run):
        return False  # slow, but alive
    conversations.change(uid=uid, conversation_id=conversation.id, decide=partial(lifecycle.restart, run=run))
    return True


def _push_spans(uid: str, conversation: Conversation) -> bool:
    """Make sure that every missing span has its task; after long patience, go on without those nobody works on."""
    patience = clock.duration(settings().span_patience_s)
    if clock.now() - (conversation.updated_at or conversation.created_at) < patience:
        spans.plan_spans(conversation, {}, uid=uid)
        return False
    for key in conversation.pending_spans:
        span = TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation.id, run=conversation.run)
        if not claims.is_leased(uid=uid, step=spans.STEP, subject=span.subject, run=span.run):
            spans.give_up_span(span, "not transcribed in time")
    return True


def _put_back_stuck() -> int:
    """Conversations that wait for a merge nobody works on: its task was lost, or given up."""
    return _each(list_unchanged(ConversationStatus.MERGING, limit=BATCH), put_back_if_stuck)


def put_back_if_stuck(uid: str, conversation: Conversation) -> bool:
    """Undo a merge that nobody works on; whether there was anything to undo."""
    merging = conversation.merging or Merging(into=conversation.id, conversation_ids=[conversation.id])
    if claims.is_leased(uid=uid, step=merge.STEP, subject=merging.into, run=0):
        return False  # slow, but alive
    return merge.put_back(merging, uid=uid) > 0


def _work_on_files() -> int:
    """Users whose files wait for a worker that was lost; how many are given another."""
    stuck_since = clock.now() - clock.duration(_PATIENCE * settings().lease_seconds)
    owners = offline_files.list_owners_of_stuck(stuck_since, limit=BATCH)
    waiting = [uid for uid in owners if not worker.is_at_work(uid=uid)]
    for uid in waiting:
        worker.wake(uid=uid)
    return len(waiting)


def _retry_failed() -> int:
    """Conversations that an outage left failed, or with audio nobody understood."""
    return _each(stuck_conversations.list_due_for_retry(clock.now(), limit=BATCH), retry_now)


def retry_now(uid: str, conversation: Conversation) -> bool:
    """Have a conversation that failed, or was understood in part, go through the chain again; it always is moved."""
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation.id)
    given_up = [batch for batch in batches if batch.given_up is not None]
    segment_batches.delete(given_up, uid=uid, conversation_id=conversation.id)
    conversations.change(uid=uid, conversation_id=conversation.id, decide=_retry)
    return True


def _retry(conversation: Conversation) -> Conversation | None:
    if not conversation.status.terminal or conversation.failure is None:
        return None
    started = lifecycle.begin_processing(conversation)
    return started.model_copy(update={"failure": conversation.failure.model_copy(update={"retry_at": None})})
