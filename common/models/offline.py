"""What a device recorded while nobody listened: the files it hands in later, and the jobs that clients ask after."""

from enum import StrEnum

from pydantic import Field

from common.models.base import Document, Moment
from common.models.conversation import ConversationSource


class FileState(StrEnum):
    """How far a file is; `placed` and `failed` are final."""

    AWAITED = "awaited"
    """Announced; its bytes are not here yet."""
    STORED = "stored"
    """Safe, and to be worked on."""
    PLACED = "placed"
    """Everything said in it is in conversations."""
    FAILED = "failed"


class Stretch(Document):
    """A part of a file in which somebody may be speaking: seconds and bytes in the file.

    `quiet` holds the long pauses in it, begins and ends by turns, in milliseconds of the file. The fields below are
    written before its audio is: doing it again after a crash does the same.
    """

    start: float
    end: float
    first_byte: int
    end_byte: int
    quiet: list[int] = Field(default_factory=list)
    conversation_id: str | None = None
    session_id: str = ""
    begin: float = 0.0
    """Where it begins in the conversation, in seconds."""
    kept: list[float] = Field(default_factory=list)
    """What of it was not there before, begins and ends by turns, in seconds of the conversation."""
    created: bool = False
    """Whether the conversation was made for it."""
    placed: bool = False
    """Whether its audio is stored with the conversation, or was there before."""


class Cursor(Document):
    """How far a file was looked through, at the end of a window; `open` is the stretch that may still grow."""

    byte: int = 0
    second: float = 0.0
    open: Stretch | None = None
    voice_from: float = 0.0
    voice_until: float = 0.0
    """Where the first voice of the open stretch began and the last one ended, in seconds of the file."""
    done: bool = False


class OfflineFile(Document):
    """A file, under an id that follows from its content and what its name says."""

    id: str
    name: str
    device: str
    codec: str
    sample_rate: int
    source: ConversationSource
    started_at: Moment
    target: str | None = None
    """The conversation that the client named."""
    state: FileState = FileState.AWAITED
    reason: str | None = None
    """Why it failed, or what is to be known about one that did not."""
    attempts: int = 0
    """How often it was worked on without getting anywhere."""
    cursor: Cursor = Field(default_factory=Cursor)
    stretches: list[Stretch] = Field(default_factory=list)
    created_at: Moment
    updated_at: Moment
    expire_at: Moment
    """When a TTL policy may forget it."""


class JobStatus(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL_FAILURE = "partial_failure"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in {JobStatus.QUEUED, JobStatus.PROCESSING}


class FileReport(Document):
    """What became of one file."""

    name: str
    status: JobStatus
    reason: str | None = None
    total_segments: int = 0
    processed_segments: int = 0


class JobResult(Document):
    """Which conversations there are more of now."""

    new_memories: list[str] = Field(default_factory=list)
    updated_memories: list[str] = Field(default_factory=list)
    failed_segments: int = 0
    total_segments: int = 0
    errors: list[str] = Field(default_factory=list)


class JobReport(Document):
    """How far a job is. A segment is a stretch of speech; a file that could not be used counts as one that failed."""

    job_id: str
    status: JobStatus
    total_files: int
    total_segments: int = 0
    processed_segments: int = 0
    successful_segments: int = 0
    failed_segments: int = 0
    files: list[FileReport] = Field(default_factory=list)
    result: JobResult | None = None
    error: str | None = None


class RefusedFile(Document):
    """A file that cannot be used, because of what its name says; nothing of it is stored."""

    name: str
    reason: str


class OfflineJob(Document):
    """Files that were handed in together, under an id that follows from theirs; `outcome` once nothing is open."""

    id: str
    file_ids: list[str]
    refused: list[RefusedFile] = Field(default_factory=list)
    created_at: Moment
    expire_at: Moment
    outcome: JobReport | None = None

    @property
    def total_files(self) -> int:
        """How many there were, of any use or none."""
        return len(self.file_ids) + len(self.refused)
