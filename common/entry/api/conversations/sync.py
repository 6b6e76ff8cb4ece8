"""`/v1/sync-local-files`, `/v2/sync-local-files`: what a device recorded offline, handed in later (CONTRACT 3.9)."""

from typing import Annotated, Any, Literal

from fastapi import File, Form, Query, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from common.conversations.offline.progress import receive_and_wait, report_job
from common.conversations.offline.receiving import Announced, Sent, announce, receive
from common.core.errors import BadRequestError
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import ErrorBody, responses
from common.models.base import Shape
from common.models.offline import JobReport, JobResult, JobStatus

router = Router(tags=["offline sync"], responses=responses(400, 401, 402, 404))

POLL_AFTER_MS = 3000
MOST_FILES = 100
LARGEST_FILE = 4 * 1024**3
"""Bytes of a file that is sent to the bucket; one in a request is bounded with it."""

_Files = Annotated[
    list[UploadFile],
    File(
        max_length=MOST_FILES,
        description="`audio_{device}_{codec}_{rate}_{channels}_fs{frame size}_{timestamp}.bin`, each a sequence of "
        "frames behind their lengths (uint32, little-endian)",
    ),
]
_Id = Annotated[str, StringConstraints(max_length=1500)]
_Named = Annotated[_Id | None, Query(alias="conversation_id", description="Where they belong; else that is found out")]
_NamedInForm = Annotated[_Id | None, Form(alias="conversation_id", description="The same in the form")]


class Accepted(Shape):
    """The files are safe, and being worked on."""

    job_id: str
    status: Literal["queued"] = "queued"
    total_files: int
    total_segments: int = 0
    poll_after_ms: int = POLL_AFTER_MS


class FileToCome(Shape):
    """A file that will be sent to the bucket itself."""

    name: Annotated[str, StringConstraints(max_length=300)] = Field(examples=["audio_omi_opus_16000_1_1780000000.bin"])
    size: int = Field(ge=0, le=LARGEST_FILE, description="Bytes")
    md5: str = Field(pattern=r"^[0-9a-fA-F]{32}$", description="Of the content, in hexadecimal digits")


class FilesToCome(BaseModel):
    """Which files will come."""

    files: list[FileToCome] = Field(min_length=1, max_length=MOST_FILES)
    conversation_id: _Id | None = None


class UploadAddress(Shape):
    """Where to PUT a file to."""

    name: str
    upload_url: str | None = Field(
        description="A resumable upload of Cloud Storage, good for a week: PUT the bytes with `Content-Range`, in "
        "pieces of a multiple of 256 KiB; ask with `Content-Range: bytes */{size}` how far it is after an "
        "interruption. Null: its content is here already, or it is not taken"
    )
    error: str | None = Field(None, description="Why the file is not taken; the others are")


class Expected(Accepted):
    """The files that will come, and where they go."""

    uploads: list[UploadAddress]


_OUTCOMES: dict[int | str, dict[str, Any]] = {
    207: {"model": JobResult, "description": "Some of it failed"},
    500: {"model": ErrorBody, "description": "All of it failed"},
}


@router.post("/v1/sync-local-files", deprecated=True, response_model=JobResult, responses=_OUTCOMES)
def sync(user: User, files: _Files, conversation_id: _Named = None, in_form: _NamedInForm = None) -> Any:
    """Hand in recordings and wait a while for what becomes of them; what takes longer goes on by itself."""
    report = receive_and_wait(_sent(files), uid=user, conversation_id=conversation_id or in_form)
    result = report.result or JobResult()
    if report.status is JobStatus.FAILED:
        return _answer(500, {"detail": report.error or "Nothing of it could be used"})
    return _answer(207, result.to_json()) if report.status is JobStatus.PARTIAL_FAILURE else result


@router.post("/v2/sync-local-files", status_code=202)
def sync_later(user: User, files: _Files, conversation_id: _Named = None, in_form: _NamedInForm = None) -> Accepted:
    """Hand in recordings; how far they are is told under the job. The same ones again are the same job.

    A file whose name cannot be is a failed one of the job, and holds up no other; 400 where that is all of them.
    """
    job = receive(_sent(files), uid=user, conversation_id=conversation_id or in_form)
    return Accepted(job_id=job.id, total_files=job.total_files)


@router.post("/v2/sync-local-files/uploads", status_code=202)
def expect(user: User, body: FilesToCome) -> Expected:
    """Hand in recordings of any size, with interruptions: says where to send them. They count once they are there."""
    announced = [Announced(name=each.name, md5=each.md5, size=each.size) for each in body.files]
    job, files = announce(announced, uid=user, conversation_id=body.conversation_id)
    return Expected(
        job_id=job.id,
        total_files=job.total_files,
        uploads=[
            *(UploadAddress(name=file.name, upload_url=address) for file, address in files),
            *(UploadAddress(name=each.name, upload_url=None, error=each.reason) for each in job.refused),
        ],
    )


@router.get("/v2/sync-local-files/{job_id}")
def progress(user: User, job_id: str) -> JobReport:
    """How far recordings are that were handed in, file by file; kept for a week."""
    report = report_job(job_id, uid=user)
    return report if report.status.terminal else report.model_copy(update={"result": None})


def _sent(files: list[UploadFile]) -> list[Sent]:
    if not files:
        raise BadRequestError("No files")
    return [Sent(name=file.filename or "", content=file.file) for file in files]


def _answer(status: int, body: dict[str, Any]) -> Any:
    answer: Response = JSONResponse(body, status_code=status)
    return answer
