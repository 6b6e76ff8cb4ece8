"""A user's wish to be forgotten, and how far that is; it holds numbers and nothing of what was deleted."""

from enum import StrEnum

from pydantic import Field

from common.models.base import Document, Moment


class DeletionState(StrEnum):
    """How far it is."""

    RUNNING = "running"
    SETTLING = "settling"
    """Nothing was left; what was under way at that time is looked for once more."""
    DONE = "done"


class AccountDeletion(Document):
    """One request; the id is the uid."""

    id: str
    requested_at: Moment
    state: DeletionState = DeletionState.RUNNING
    looks: int = 0
    """How often everything was looked through."""
    deleted: dict[str, int] = Field(default_factory=dict)
    """How many things of each kind were deleted, all looks together."""
    left: dict[str, int] = Field(default_factory=dict)
    """How many of each kind the last look counted after it had deleted; empty where nothing was."""
    clean_at: Moment | None = None
    finished_at: Moment | None = None
    expire_at: Moment | None = None
    """When a TTL policy may remove it."""
