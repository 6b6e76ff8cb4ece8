"""What a user shows to whoever has the token."""

from pydantic import Field

from common.models.base import Document, Moment

UNNAMED = "Somebody"
"""Who shares without having said what they are called."""


class TokenShare(Document):
    """Action items or messages of the chat that somebody shows; after `expire_at` it counts as deleted."""

    id: str
    uid: str
    sender_name: str = ""
    action_item_ids: list[str] = Field(default_factory=list)
    message_ids: list[str] = Field(default_factory=list)
    created_at: Moment
    expire_at: Moment


class Acceptance(Document):
    """That somebody took a share over."""

    id: str
    accepted_at: Moment
    expire_at: Moment
