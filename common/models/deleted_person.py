"""Somebody whom a user has deleted, and how far what the conversations say of them is taken out."""

from common.models.base import Document, Moment


class DeletedPerson(Document):
    """The going through all conversations of a user, in rounds; the id is the person's."""

    id: str
    name: str | None = None
    """What they were called, for what names them only so; None once it is over."""
    deleted_at: Moment
    steps: int = 0
    """Counts the pages, over all rounds."""
    rounds: int = 0
    """How many are over."""
    after: str | None = None
    """The path of the last document that was looked at; None at the beginning of a round."""
    changed: int = 0
    changed_in_round: int = 0
    finished_at: Moment | None = None
    look_at: Moment | None = None
    """When somebody looks whether it still goes on; None once it is over."""
    expire_at: Moment | None = None
    """When a TTL policy may remove it; until then, whoever hands the id over hands over nobody."""
