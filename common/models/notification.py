"""Something a user is told on their devices."""

from typing import Any

from pydantic import Field, model_validator

from common.models.base import Document, Moment


class Notification(Document):
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

    @model_validator(mode="before")
    @classmethod
    def _defaults_for_nulls(cls, value: Any) -> Any:
        return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value
