"""How far a job is, from how far its files and the conversations they went to are."""

from collections.abc import Mapping, Sequence

from common.conversations.offline.receiving import Sent, receive
from common.core import clock
from common.core.settings import settings
from common.database import conversations, offline_files
from common.database.whole_conversations import Room
from common.models.conversation import Conversation, ConversationStatus
from common.models.offline import (
    FileReport,
    FileState,
    JobReport,
    JobResult,
    JobStatus,
    OfflineFile,
    OfflineJob,
    Stretch,
)

_POLL_S = 0.3
_NOT_UNDERSTOOD = "some of the audio is not understood yet"
_FAILED = "the conversation could not be processed yet"
_NOTHING = "nothing was understood in it, or what came of it was deleted"


def report_job(job_id: str, *, uid: str) -> JobReport:
    """How far a job is. What it has come to is kept: what becomes of the conversations later is another matter.

    Raises:
        NotFoundError: the user has no such job.
    """
    jobs = offline_files.jobs(uid=uid)
    job = jobs.get(job_id)
    if job.outcome is not None:
        return job.outcome
    files = offline_files.of(uid=uid).find_many(job.file_ids)
    ids = {stretch.conversation_id for file in files for stretch in file.stretches if stretch.conversation_id}
    found = conversations.find_many(uid=uid, conversation_ids=sorted(ids), room=Room(0))
    report = summarise(job, files, {conversation.id: conversation for conversation in found})
    if report.status.terminal:
        jobs.change(job_id, lambda current: current.model_copy(update={"outcome": report}))
    return report


def receive_and_wait(files: Sequence[Sent], *, uid: str, conversation_id: str | None = None) -> JobReport:
    """Store files and wait, bounded, for what becomes of them; the rest goes on without anybody waiting.

    Raises:
        BadRequestError: no file's name is as it must be.
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    job = receive(files, uid=uid, conversation_id=conversation_id)
    deadline = clock.Deadline.real(settings().answer_wait_s)
    while True:
        report = report_job(job.id, uid=uid)
        if report.status.terminal or deadline.passed:
            return report
        clock.pause(_POLL_S)


def summarise(job: OfflineJob, files: Sequence[OfflineFile], found: Mapping[str, Conversation]) -> JobReport:
    """The report on a job: pure."""
    known = {file.id: file for file in files}
    told: list[FileReport] = []
    outcomes: list[str | None] = []
    for file_id in job.file_ids:
        file = known.get(file_id)
        if file is None:
            told.append(FileReport(name="", status=JobStatus.FAILED, reason="it never came"))
            outcomes.append("it never came")
            continue
        ends = _ends(file, found)
        outcomes += ends
        told.append(_report(file, ends, found))
    for refused in job.refused:
        told.append(FileReport(name=refused.name, status=JobStatus.FAILED, reason=refused.reason))
        outcomes.append(refused.reason)
    status = _status([each.status for each in told])
    failed = [outcome for outcome in outcomes if outcome]
    counts = {
        "total_segments": len(outcomes),
        "successful_segments": outcomes.count(""),
        "failed_segments": len(failed),
        "processed_segments": len(outcomes) - outcomes.count(None),
    }
    errors = list(dict.fromkeys(failed))
    return JobReport(
        job_id=job.id,
        status=status,
        total_files=job.total_files,
        files=told,
        result=_result(files, found, errors=errors, failed=len(failed), total=len(outcomes)),
        error="; ".join(errors) if errors and status.terminal else None,
        **counts,
    )


def _ends(file: OfflineFile, found: Mapping[str, Conversation]) -> list[str | None]:
    """For each stretch: what went wrong, nothing (`""`), or None while that is open."""
    if file.state is FileState.FAILED:
        done = ["" for stretch in file.stretches if stretch.placed]
        return [*done, file.reason or "it failed"]
    if file.state is not FileState.PLACED:
        return [None for _ in file.stretches]
    return [_end(stretch, found) for stretch in file.stretches]


def _end(stretch: Stretch, found: Mapping[str, Conversation]) -> str | None:
    conversation = found.get(stretch.conversation_id or "")
    if conversation is None:
        return ""  # deleted by its owner, or because nothing was said
    if conversation.status is ConversationStatus.FAILED:
        return _FAILED
    if conversation.status.terminal:
        return _NOT_UNDERSTOOD if conversation.failure is not None else ""
    live = conversation.status is ConversationStatus.IN_PROGRESS and conversation.capture.kind == "live"
    return "" if live else None  # what is still being captured takes it along


def _report(file: OfflineFile, ends: Sequence[str | None], found: Mapping[str, Conversation]) -> FileReport:
    if file.state is FileState.AWAITED:
        status = JobStatus.QUEUED
    elif file.state is FileState.STORED or None in ends:
        untouched = not file.cursor.byte and not file.attempts
        status = JobStatus.QUEUED if untouched and file.state is FileState.STORED else JobStatus.PROCESSING
    elif not any(ends):
        status = JobStatus.COMPLETED
    else:
        status = JobStatus.FAILED if all(ends) else JobStatus.PARTIAL_FAILURE
    errors = [end for end in ends if end]
    gone = bool(file.stretches) and not any(stretch.conversation_id in found for stretch in file.stretches)
    if status is JobStatus.COMPLETED and gone:
        errors = [_NOTHING]
    return FileReport(
        name=file.name,
        status=status,
        reason=errors[0] if errors else file.reason,
        total_segments=len(ends),
        processed_segments=sum(end is not None for end in ends),
    )


def _status(files: Sequence[JobStatus]) -> JobStatus:
    kinds = set(files)
    if all(status.terminal for status in kinds):
        if kinds <= {JobStatus.COMPLETED}:
            return JobStatus.COMPLETED
        return JobStatus.FAILED if kinds == {JobStatus.FAILED} else JobStatus.PARTIAL_FAILURE
    return JobStatus.QUEUED if kinds == {JobStatus.QUEUED} else JobStatus.PROCESSING


def _result(
    files: Sequence[OfflineFile], found: Mapping[str, Conversation], *, errors: list[str], failed: int, total: int
) -> JobResult:
    placed = [stretch for file in files for stretch in file.stretches if stretch.placed]
    there = {stretch.conversation_id for stretch in placed} & set(found)
    made = {stretch.conversation_id for stretch in placed if stretch.created}
    return JobResult(
        new_memories=sorted(each for each in there & made if each),
        updated_memories=sorted(each for each in there - made if each),
        failed_segments=failed,
        total_segments=total,
        errors=errors,
    )
