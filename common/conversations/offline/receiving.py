"""Files come in: each is safe before anybody is told so, and the same one again is the one that is there.

A file's id follows from its content (MD5, which is what Cloud Storage checks), its start and its coding. What failed
is begun again by handing it in again; what is under way is joined; what is done is answered as it was. A file whose
name cannot be is refused by itself: the others with it are no worse for that.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from common.conversations import lifecycle
from common.conversations.edit import get_unlocked
from common.conversations.offline.naming import Named, sort_out
from common.conversations.offline.worker import wake
from common.core import clock
from common.core.errors import ConflictError, NotFoundError
from common.core.ids import derived_id
from common.core.logs import get_logger
from common.database import conversations, offline_files, uploads
from common.models.conversation import Conversation, ConversationStatus
from common.models.offline import FileState, OfflineFile, OfflineJob, RefusedFile
from common.models.upload import Upload

KEPT_S = 180 * 24 * 3600.0
"""How long a file is known again."""
JOB_KEPT_S = 7 * 24 * 3600.0
"""How long a job can be asked after."""
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Sent:
    """A file with its bytes."""

    name: str
    content: BinaryIO


@dataclass(frozen=True)
class Announced:
    """A file whose bytes will follow. `md5` in hexadecimal digits, `size` in bytes."""

    name: str
    md5: str
    size: int


def receive(files: Sequence[Sent], *, uid: str, conversation_id: str | None = None) -> OfflineJob:
    """Store files and have them worked on.

    Args:
        files: one at least.
        uid: whose.
        conversation_id: where they belong; else they go where their time says.

    Raises:
        BadRequestError: no file's name is as it must be.
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    _check_target(conversation_id, uid=uid)
    usable, refused = sort_out(files)
    expected = [
        _expected(sent.name, named, _md5(sent.content), target=conversation_id, uid=uid) for sent, named in usable
    ]
    for file, (sent, _) in zip(expected, usable, strict=True):
        known = _known(file, uid=uid)
        if known.state in {FileState.AWAITED, FileState.FAILED}:
            uploads.put(path_of(known.id, uid=uid), sent.content)
        _begin(known.id, uid=uid)
    job = _job(expected, refused, uid=uid, conversation_id=conversation_id)
    wake(uid=uid)
    return job


def announce(
    files: Sequence[Announced], *, uid: str, conversation_id: str | None = None
) -> tuple[OfflineJob, list[tuple[OfflineFile, str | None]]]:
    """Make ready for files that are sent straight to the bucket, in as many pieces and tries as that takes.

    Returns:
        Their job, and each file that is not refused with the address of a resumable upload (Cloud Storage's
        protocol); None where its bytes are here already.

    Raises:
        BadRequestError: no file's name is as it must be.
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    _check_target(conversation_id, uid=uid)
    usable, refused = sort_out(files)
    expected = [
        _expected(each.name, named, each.md5.lower(), target=conversation_id, uid=uid) for each, named in usable
    ]
    answers: list[tuple[OfflineFile, str | None]] = []
    for file, (announced, _) in zip(expected, usable, strict=True):
        known = _known(file, uid=uid)
        path = path_of(known.id, uid=uid)
        if known.state is FileState.PLACED or uploads.exists(path):
            answers.append((_begin(known.id, uid=uid), None))
        else:
            address = uploads.open_resumable(path, size=announced.size, md5=announced.md5.lower())
            answers.append((known, address))
    job = _job(expected, refused, uid=uid, conversation_id=conversation_id)
    wake(uid=uid)
    return job, answers


def path_of(file_id: str, *, uid: str) -> str:
    """Where a file lies in the bucket `uploads`."""
    return f"{uid}/offline/{file_id}.bin"


def is_offline(upload: Upload) -> bool:
    """Whether an upload is one of these files."""
    return _file_id(upload) is not None


def arrived(upload: Upload) -> str:
    """The bucket says that a file is complete; says in a word what came of it."""
    uid, file_id = upload.name.partition("/")[0], _file_id(upload) or ""
    try:
        file = _begin(file_id, uid=uid, again=False)
    except NotFoundError:
        return "unknown"
    if file.state is FileState.STORED:
        wake(uid=uid)
    return file.state.value


def _file_id(upload: Upload) -> str | None:
    parts = upload.name.split("/")
    named = len(parts) == 3 and parts[1] == "offline" and parts[2].endswith(".bin")  # noqa: PLR2004 - as in `path_of`
    return parts[2].removesuffix(".bin") if named else None


def _check_target(conversation_id: str | None, *, uid: str) -> None:
    if conversation_id is not None:
        get_unlocked(uid=uid, conversation_id=conversation_id)


def _expected(name: str, named: Named, md5: str, *, target: str | None, uid: str) -> OfflineFile:
    now = clock.now()
    started_ms = round(named.started_at.timestamp() * 1000)
    return OfflineFile(
        id=derived_id("offline_file", uid, md5, started_ms, named.codec, named.sample_rate),
        name=name,
        device=named.device,
        codec=named.codec,
        sample_rate=named.sample_rate,
        source=named.source,
        started_at=named.started_at,
        target=target,
        created_at=now,
        updated_at=now,
        expire_at=now + clock.duration(KEPT_S),
    )


def _known(file: OfflineFile, *, uid: str) -> OfflineFile:
    """The file as it is known, from now on at the latest."""
    files = offline_files.of(uid=uid)
    known = files.find(file.id)
    if known is not None:
        return known
    try:
        return files.create(file)
    except ConflictError:
        return files.get(file.id)


def _begin(file_id: str, *, uid: str, again: bool = True) -> OfflineFile:
    """Have a file whose bytes are here worked on; one that failed goes on where it stopped, if it may `again`."""

    def begin(file: OfflineFile) -> OfflineFile | None:
        if file.state is FileState.AWAITED or (again and file.state is FileState.FAILED):
            return file.model_copy(update={"state": FileState.STORED, "reason": None, "attempts": 0})
        return None

    file = offline_files.change(file_id, begin, uid=uid)
    if again and file.state is FileState.PLACED:
        for conversation_id in {stretch.conversation_id for stretch in file.stretches if stretch.conversation_id}:
            conversations.change(uid=uid, conversation_id=conversation_id, decide=_retry)
    return file


def _retry(conversation: Conversation) -> Conversation | None:
    return lifecycle.begin_processing(conversation) if conversation.status is ConversationStatus.FAILED else None


def _job(
    files: Sequence[OfflineFile], refused: Sequence[RefusedFile], *, uid: str, conversation_id: str | None
) -> OfflineJob:
    """The job of these files; one that is known is looked at anew unless everything in it went well."""
    ids = list(dict.fromkeys(file.id for file in files))
    now = clock.now()
    job = OfflineJob(
        id=derived_id("offline_job", uid, conversation_id or "", *sorted(ids), *sorted(each.name for each in refused)),
        file_ids=ids,
        refused=list(refused),
        created_at=now,
        expire_at=now + clock.duration(JOB_KEPT_S),
    )
    jobs = offline_files.jobs(uid=uid)
    known = jobs.find(job.id)
    if known is not None and known.outcome is not None and not known.outcome.failed_segments:
        job = job.model_copy(update={"outcome": known.outcome})
    jobs.put(job)
    get_logger().info("offline_files_received", job_id=job.id, files=len(ids), refused=len(refused))
    return job


def _md5(content: BinaryIO) -> str:
    content.seek(0)
    md5 = hashlib.md5(usedforsecurity=False)
    while piece := content.read(_PIECE):
        md5.update(piece)
    return md5.hexdigest()
