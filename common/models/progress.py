"""How far a work over all users is that an administrator has begun; numbers and user ids, nothing of what they said."""

from pydantic import Field

from common.models.base import Document, Moment


class Progress(Document):
    """One kind of work, by its name: what was done of it last, or is being done."""

    id: str
    started_at: Moment
    updated_at: Moment
    finished_at: Moment | None = None
    """None while there is more to do."""
    options: dict[str, str] = Field(default_factory=dict)
    """How it was asked for: going on is for the same work only."""
    after: str | None = None
    """The last user it is done for, in the order of their ids; None where it begins with the first."""
    users: int = 0
    counts: dict[str, int] = Field(default_factory=dict)
    """What was done, by kind."""
    walker: str = ""
    """Who is at it: whoever has begun last."""
    failed: list[str] = Field(default_factory=list)
    """Users for whom it failed; the first hundred."""
