"""Something a user is told on their devices."""

from pydantic import Field

from common.models.base import Moment, Older


class Notification(Older):
    """What is shown, and what the client does with it: `data` holds texts, as push services carry nothing else."""

    id: str
    kind: str
    title: str = ""
    body: str = ""
    data: dict[str, str] = Field(default_factory=dict)
    app_id: str | None = None
    created_at: Moment
    told: list[str] = Field(default_factory=list)
    """Digests of the tokens under which it has been sent."""
    expire_at: Moment | None = None
    """When a TTL policy may remove it."""
