"""Collection `shared_conversations`: whose a conversation is that may be read by whoever knows its id."""

from __future__ import annotations

from common.database.documents import Documents
from common.models.base import Document, Moment


class Share(Document):
    """A conversation that is not private, and its owner."""

    id: str
    uid: str
    shared_at: Moment | None = None
    """None where that was not noted yet."""


def shares() -> Documents[Share]:
    """All of them, under the ids of the conversations."""
    return Documents("shared_conversations", model=Share, noun="Conversation")
