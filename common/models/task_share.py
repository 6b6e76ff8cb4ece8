"""What a user shows to whoever has the token."""

from common.models.base import Document, Moment


class TaskShare(Document):
    """Action items that somebody shows; after `expire_at` it counts as deleted."""

    id: str
    uid: str
    sender_name: str = ""
    action_item_ids: list[str]
    created_at: Moment
    expire_at: Moment


class Acceptance(Document):
    """That somebody took a share over."""

    id: str
    accepted_at: Moment
    expire_at: Moment
