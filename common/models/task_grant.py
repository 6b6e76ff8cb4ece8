"""What lets us put tasks into a list that a user keeps elsewhere."""

from common.models.base import Document, Moment


class TaskGrant(Document):
    """What a user has been granted at one service; the id is the `TaskApp`."""

    id: str
    access_token: str
    refresh_token: str | None = None
    expires_at: Moment | None = None
    edition: str = ""
    """Another one whenever the tokens change."""
