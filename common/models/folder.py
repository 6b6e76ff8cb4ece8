"""Folders: where a user's conversations are filed, at most one for each."""

from datetime import UTC, datetime

from pydantic import Field

from common.models.base import Moment, Older

COLOR = "#6B7280"
ICON = "folder"
_LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


class Folder(Older):
    """A folder as it is stored; how many conversations are in it is counted when somebody asks."""

    id: str
    name: str = ""
    description: str | None = None
    color: str = COLOR
    icon: str = ICON
    created_at: Moment = _LONG_AGO
    updated_at: Moment = _LONG_AGO
    order: int = 0
    is_default: bool = False
    """Where a program files what fits nowhere else."""
    is_system: bool = False
    """Every user has it, and cannot delete it."""
    category_mapping: str | None = None

    def with_count(self, count: int) -> "FolderView":
        """The folder as clients see it."""
        return FolderView(**self.model_dump(), conversation_count=count)


class FolderView(Folder):
    """A folder as clients see it; `conversation_count` leaves out what was discarded."""

    conversation_count: int = Field(0, ge=0)
