"""`/v1/import`: conversations that were recorded and understood elsewhere."""

from typing import Annotated, Literal

from fastapi import File, Query, UploadFile

from common.conversations.importing.run import delete_imported, import_limitless, list_imports
from common.entry.api.identity import User, limit_requests
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Moment, Shape
from common.models.import_job import ImportJob

router = Router(prefix="/v1/import", tags=["imports"], responses=responses(401))

IMPORTED_PER_DAY = 50
_DAY_S = 24 * 3600


class ImportReport(Shape):
    """How far an import is."""

    job_id: str
    status: Literal["processing", "completed", "failed"]
    source_type: str
    total_files: int
    processed_files: int
    conversations_created: int
    conversations_skipped: int
    created_at: Moment
    error: str | None

    @classmethod
    def of(cls, job: ImportJob) -> "ImportReport":
        """What to say of it."""
        return cls(job_id=job.id, **job.model_dump(include=set(cls.model_fields) - {"job_id"}))


class DeletedImports(Shape):
    """How many conversations were deleted."""

    deleted_count: int


@router.post("/limitless", responses=responses(429))
def limitless(
    user: User,
    file: Annotated[UploadFile, File(description="The ZIP of Markdown files that Limitless exports, 32 MiB at most")],
    language: Annotated[str, Query(min_length=1, max_length=35, examples=["en"])] = "en",
) -> ImportReport:
    """Make conversations of it; those that are there already, or were deleted, are passed over."""
    limit_requests("imports:day", subject=user, limit=IMPORTED_PER_DAY, window_s=_DAY_S)
    return ImportReport.of(import_limitless(file.file, uid=user, language=language))


@router.get("/jobs")
def jobs(user: User, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[ImportReport]:
    """What was imported, the newest first."""
    return [ImportReport.of(job) for job in list_imports(uid=user, limit=limit)]


@router.delete("/limitless/conversations")
def delete(user: User) -> DeletedImports:
    """Delete all that was imported from Limitless, with what was learned from it."""
    return DeletedImports(deleted_count=delete_imported(uid=user))
