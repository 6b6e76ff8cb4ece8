"""Importing an archive: each lifelog becomes a conversation, once, however often the archive is handed in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, TypeVar

from common.conversations.create import create_from_segments
from common.conversations.delete import delete_conversation
from common.conversations.importing.lifelogs import count_files, read_archive
from common.core import clock
from common.core.errors import InvalidInputError, NotFoundError
from common.core.ids import derived_id, new_id
from common.database import conversations, import_jobs
from common.database.whole_conversations import Room
from common.models.conversation import ConversationSource
from common.models.external import ExternalSegments
from common.models.import_job import ImportJob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from common.conversations.importing.lifelogs import Lifelog
    from common.models.conversation import Conversation

_LONGEST = timedelta(minutes=15)
"""After this an import that has not ended has lost its instance."""
_LOST = "Interrupted: hand the archive in again, nothing is imported twice"
_NAMED = "limitless:"
_PAGE = 100
_GROUP = 16
"""Files that are in memory at once."""
_TOLD_EVERY_S = 2.0
"""Real seconds between two notes of how far an import is."""
_PARALLEL = 8

T = TypeVar("T")


def import_limitless(archive: IO[bytes], *, uid: str, language: str) -> ImportJob:
    """Make conversations of what Limitless has exported; they are understood afterwards, as captured ones.

    Raises:
        InvalidInputError: it is no such archive. What came before a file that cannot be read may be imported.
        RetryableError: a store failed; the same archive goes on where it stopped.
    """
    job = import_jobs.of(uid=uid).create(ImportJob(id=new_id(), created_at=clock.now()))
    try:
        job = _note(job.model_copy(update={"total_files": count_files(archive)}), uid=uid)
        files, told_at = read_archive(archive), clock.monotonic()
        while group := list(islice(files, _GROUP)):
            job = _counted(job, group, uid=uid, language=language)
            if clock.monotonic() - told_at >= _TOLD_EVERY_S:
                job, told_at = _note(job, uid=uid), clock.monotonic()
    except InvalidInputError as error:
        _note(job.model_copy(update={"status": "failed", "error": str(error)}), uid=uid)
        raise
    return _note(job.model_copy(update={"status": "completed"}), uid=uid)


def list_imports(*, uid: str, limit: int) -> list[ImportJob]:
    """How far the user's imports are, the newest first."""
    return [_told(job) for job in import_jobs.list_newest(uid=uid, limit=limit)]


def delete_imported(*, uid: str) -> int:
    """Delete all conversations imported from Limitless, with what was learned from them; how many there were."""
    return sum(_each(partial(_deleted, uid=uid), [conversation.id for conversation in _imported(uid=uid)]))


def _note(job: ImportJob, *, uid: str) -> ImportJob:
    """Store how far it is, for whoever waits for it."""
    import_jobs.of(uid=uid).put(job)
    return job


def _counted(job: ImportJob, group: list[list[Lifelog]], *, uid: str, language: str) -> ImportJob:
    lifelogs = [lifelog for file in group for lifelog in file]
    created = sum(_each(partial(_created, uid=uid, language=language), lifelogs))
    skipped = len(lifelogs) - created + sum(1 for file in group if not file)
    return job.model_copy(
        update={
            "processed_files": job.processed_files + len(group),
            "conversations_created": job.conversations_created + created,
            "conversations_skipped": job.conversations_skipped + skipped,
        }
    )


def _each(work: Callable[[T], bool], items: Sequence[T]) -> list[bool]:
    """What became of each, several at once: a store's answers are waited for most of the time."""
    if not items:
        return []
    with ThreadPoolExecutor(min(_PARALLEL, len(items))) as pool:
        waiting = [pool.submit(copy_context().run, work, item) for item in items]
        return [each.result() for each in waiting]


def _deleted(conversation_id: str, *, uid: str) -> bool:
    """Whether it was there until now."""
    try:
        delete_conversation(uid=uid, conversation_id=conversation_id, cascade=True)
    except NotFoundError:
        return False
    return True


def _created(lifelog: Lifelog, *, uid: str, language: str) -> bool:
    """Whether it became a conversation now."""
    session = f"{_NAMED}{lifelog.key}"
    if conversations.find(uid=uid, conversation_id=derived_id("external", uid, session)) is not None:
        return False
    made = create_from_segments(
        ExternalSegments(
            transcript_segments=list(lifelog.segments),
            source=ConversationSource.LIMITLESS,
            client_session_id=session,
            started_at=lifelog.started_at,
            language=language,
        ),
        uid=uid,
        in_its_place=True,
    )
    return not made.deleted


def _imported(*, uid: str) -> Iterator[Conversation]:
    """What was imported, among all that devices of this make have recorded."""
    offset = 0
    while page := conversations.list_newest(
        uid=uid, limit=_PAGE, offset=offset, room=Room(0), sources=[ConversationSource.LIMITLESS.value]
    ):
        offset += len(page)
        yield from (each for each in page if each.capture.kind == "external")


def _told(job: ImportJob) -> ImportJob:
    if job.status != "processing" or clock.now() - job.created_at < _LONGEST:
        return job
    return job.model_copy(update={"status": "failed", "error": _LOST})
