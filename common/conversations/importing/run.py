"""Importing an archive: each lifelog becomes a conversation, once, however often the archive is handed in."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import IO, TYPE_CHECKING

from common.conversations.create import create_from_segments
from common.conversations.delete import delete_conversation
from common.conversations.importing.lifelogs import read_archive
from common.core import clock
from common.core.errors import InvalidInputError, NotFoundError
from common.core.ids import derived_id, new_id
from common.database import conversations, import_jobs
from common.models.conversation import ConversationSource
from common.models.external import ExternalSegments
from common.models.import_job import ImportJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common.conversations.importing.lifelogs import Lifelog
    from common.models.conversation import Conversation

_LONGEST = timedelta(minutes=15)
"""After this an import that has not ended has lost its instance."""
_LOST = "Interrupted: hand the archive in again, nothing is imported twice"
_NAMED = "limitless:"
_PAGE = 100


def import_limitless(archive: IO[bytes], *, uid: str, language: str) -> ImportJob:
    """Make conversations of what Limitless has exported; they are understood afterwards, as captured ones.

    Raises:
        InvalidInputError: it is no such archive. What came before the file that cannot be read is imported.
        RetryableError: a store failed; the same archive goes on where it stopped.
    """
    job = import_jobs.of(uid=uid).create(ImportJob(id=new_id(), created_at=clock.now()))
    try:
        for found in read_archive(archive):
            job = _counted(job, found, uid=uid, language=language)
    except InvalidInputError as error:
        import_jobs.of(uid=uid).put(job.model_copy(update={"status": "failed", "error": str(error)}))
        raise
    done = job.model_copy(update={"status": "completed"})
    import_jobs.of(uid=uid).put(done)
    return done


def list_imports(*, uid: str, limit: int) -> list[ImportJob]:
    """How far the user's imports are, the newest first."""
    return [_told(job) for job in import_jobs.list_newest(uid=uid, limit=limit)]


def delete_imported(*, uid: str) -> int:
    """Delete all conversations imported from Limitless, with what was learned from them; how many there were."""
    found = [conversation.id for conversation in _imported(uid=uid)]
    for conversation_id in found:
        with suppress(NotFoundError):  # its owner has deleted it meanwhile
            delete_conversation(uid=uid, conversation_id=conversation_id, cascade=True)
    return len(found)


def _counted(job: ImportJob, found: list[Lifelog], *, uid: str, language: str) -> ImportJob:
    created = sum(_created(lifelog, uid=uid, language=language) for lifelog in found)
    return job.model_copy(
        update={
            "total_files": job.total_files + 1,
            "processed_files": job.processed_files + 1,
            "conversations_created": job.conversations_created + created,
            "conversations_skipped": job.conversations_skipped + (len(found) - created if found else 1),
        }
    )


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
        uid=uid, limit=_PAGE, offset=offset, sources=[ConversationSource.LIMITLESS.value]
    ):
        offset += len(page)
        yield from (each for each in page if each.capture.kind == "external")


def _told(job: ImportJob) -> ImportJob:
    if job.status != "processing" or clock.now() - job.created_at < _LONGEST:
        return job
    return job.model_copy(update={"status": "failed", "error": _LOST})
