"""Working on a user's files: one worker at a time and in order of time, so that what belongs together comes together.

    stored ──looked through──▶ stretches ──each noted, then stored──▶ conversations ──woken──▶ placed | failed

Everything is noted on the way, so a worker that dies or runs out of time is followed by one that goes on there.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from common.conversations import finalize, recording, spans
from common.conversations.late import reprocess_if_late
from common.conversations.offline.placing import note_place, store
from common.conversations.offline.receiving import path_of
from common.conversations.offline.scanning import look_through
from common.conversations.offline.worker import STEP, SUBJECT, wake
from common.core import clock
from common.core.clock import Deadline
from common.core.errors import EarshotError, LeaseLostError, RetryableError
from common.core.logs import get_logger, where
from common.core.settings import settings
from common.database import claims, conversations, offline_files, uploads
from common.database.claims import Settled
from common.database.heartbeat import heartbeat
from common.models.conversation import ConversationStatus
from common.models.events import IngestOffline
from common.models.offline import FileState, OfflineFile, Stretch

PATIENCE_S = 400.0
"""Real seconds after which a worker hands over to another; each gets a step further."""
_MOST_AT_ONCE = 200
_MOST_PLACES = 4
"""How often another conversation is looked for because the one before has gone."""


def ingest_offline(task: IngestOffline, *, patience_s: float = PATIENCE_S) -> None:
    """Work on a user's files until none waits, or the time is over; then another worker is asked for.

    Raises:
        LeaseHeldError: somebody is at it.
        RetryableError: something could not be done now.
    """
    lease_seconds = settings().lease_seconds
    claim = claims.acquire(uid=task.uid, step=STEP, subject=SUBJECT, run=0, lease_seconds=lease_seconds)
    if isinstance(claim, Settled):
        return
    renew = partial(claims.renew, claim)
    try:
        with heartbeat(renew, lease_seconds=lease_seconds, longest_s=settings().longest_work_s):
            finished = _work(task.uid, Deadline.real(patience_s))
    finally:
        with suppress(LeaseLostError):
            claims.release(claim)
    if not finished:
        wake(uid=task.uid)


def _work(uid: str, deadline: Deadline) -> bool:
    """Whether nothing waits any more."""
    while waiting := offline_files.list_waiting(uid=uid, limit=_MOST_AT_ONCE):
        ready: list[OfflineFile] = []
        postponed: RetryableError | None = None
        for file in sorted(waiting, key=_urgency):
            try:
                worked = _work_on(file, uid=uid, deadline=deadline)
            except RetryableError as error:
                postponed = error
            else:
                if worked.state is FileState.STORED and _is_ready(worked):
                    ready.append(worked)
            if deadline.passed:
                break
        _settle(ready, uid=uid)
        if postponed is not None:
            raise postponed
        if deadline.passed:
            return False
    return True


def _urgency(file: OfflineFile) -> tuple[bool, int, float]:
    """What was begun is ended first, as its place counts from where its conversation begins now; the rest by time."""
    begun = any(stretch.conversation_id and not stretch.placed for stretch in file.stretches)
    return not begun, file.attempts, file.started_at.timestamp()


def _is_ready(file: OfflineFile) -> bool:
    return file.cursor.done and all(stretch.placed for stretch in file.stretches)


def _work_on(file: OfflineFile, *, uid: str, deadline: Deadline) -> OfflineFile:
    """Look a file through and place what is said in it, as far as there is time; one that never succeeds fails.

    Raises:
        RetryableError: not now.
    """
    if file.attempts >= settings().max_attempts:
        return _fail(file, "it could not be worked on", uid=uid)
    file = offline_files.change(file.id, _attempted, uid=uid)
    try:
        return _go_on(file, uid=uid, deadline=deadline)
    except EarshotError as error:
        if isinstance(error, RetryableError):
            raise
        return _fail(file, str(error), uid=uid)
    except Exception as error:
        get_logger().error("offline_file_crashed", file_id=file.id, error=type(error).__name__, at=where(error))
        raise RetryableError("A file could not be worked on") from error


def _attempted(file: OfflineFile) -> OfflineFile:
    return file.model_copy(update={"attempts": file.attempts + 1})


def _go_on(file: OfflineFile, *, uid: str, deadline: Deadline) -> OfflineFile:
    with uploads.open_path(path_of(file.id, uid=uid)) as stream:
        while not file.cursor.done:
            file = _save(look_through(file, stream), uid=uid)
            if deadline.passed:
                return file
        for number in range(len(file.stretches)):
            for _ in range(_MOST_PLACES):
                stretch = file.stretches[number]
                if stretch.placed:
                    break
                if stretch.conversation_id is None:
                    stretch = note_place(file, stretch, stream, uid=uid)
                else:
                    stretch = store(file, stretch, stream, uid=uid, deadline=deadline)
                file = _with(file, number, stretch, uid=uid)
                if deadline.passed:
                    return file
    return file


def _with(file: OfflineFile, number: int, stretch: Stretch, *, uid: str) -> OfflineFile:
    stretches = [stretch if at == number else each for at, each in enumerate(file.stretches)]
    return _save(file.model_copy(update={"stretches": stretches}), uid=uid)


def _save(file: OfflineFile, *, uid: str) -> OfflineFile:
    """Note how far a file is: it got somewhere, so its attempts count from here."""
    fields = {"cursor": file.cursor, "stretches": file.stretches, "reason": file.reason, "attempts": 0}
    return offline_files.change(file.id, lambda known: known.model_copy(update=fields), uid=uid)


def _fail(file: OfflineFile, reason: str, *, uid: str) -> OfflineFile:
    get_logger().warning("offline_file_failed", file_id=file.id)
    failed = {"state": FileState.FAILED, "reason": reason}
    return offline_files.change(file.id, lambda known: known.model_copy(update=failed), uid=uid)


def _settle(files: Sequence[OfflineFile], *, uid: str) -> None:
    """Have what was placed understood, each conversation once; then the files have done their work."""
    touched = {stretch.conversation_id for file in files for stretch in file.stretches if stretch.conversation_id}
    for conversation_id in sorted(touched):
        awaken(conversation_id, uid=uid)
    placed: Callable[[OfflineFile], OfflineFile] = lambda known: known.model_copy(update={"state": FileState.PLACED})  # noqa: E731
    for file in files:
        uploads.expire(path_of(file.id, uid=uid), clock.now())
        offline_files.change(file.id, placed, uid=uid)
        get_logger().info("offline_file_placed", file_id=file.id, stretches=len(file.stretches))


def awaken(conversation_id: str, *, uid: str) -> None:
    """Have late audio of a conversation understood: by a run of its own, unless one is under way that will see it."""
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None:
        return
    if conversation.status is not ConversationStatus.IN_PROGRESS:
        reprocess_if_late(uid=uid, conversation_id=conversation_id)
    elif conversation.capture.kind == "upload" and not conversation.pending_spans:
        known = recording.load(conversation, uid=uid)
        if known.holes:
            spans.plan_spans(conversation, known.holes, uid=uid)
        else:
            finalize.close_conversation(conversation, uid=uid)
