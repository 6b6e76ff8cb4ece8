"""How far a user's documents have been brought into the form that the user wants them in."""

from typing import Literal

from common.models.base import Document, Moment

Level = Literal["standard", "enhanced"]


class Protection(Document):
    """The going through all that there is of a user, again and again until there is nothing left to do."""

    id: str
    target: Level
    started_at: Moment
    pass_started_at: Moment
    """When this round began."""
    steps: int = 0
    """Counts the pages, over all rounds."""
    collection: str | None = None
    after: str | None = None
    """The last document that was looked at, in which collection; None at the beginning of a round."""
    changed: int = 0
    changed_in_pass: int = 0
    unreadable: int = 0
    finished_at: Moment | None = None
    look_at: Moment | None = None
    """When somebody looks whether it still goes on; None once it is over."""
