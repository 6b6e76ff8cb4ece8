"""How far an import of conversations is that were recorded elsewhere."""

from typing import Literal

from common.models.base import Document, Moment


class ImportJob(Document):
    """One archive that was handed in."""

    id: str
    status: Literal["processing", "completed", "failed"] = "processing"
    source_type: Literal["limitless"] = "limitless"
    total_files: int = 0
    processed_files: int = 0
    conversations_created: int = 0
    conversations_skipped: int = 0
    """Files in which nobody says anything, and what was imported or deleted before."""
    error: str | None = None
    created_at: Moment
