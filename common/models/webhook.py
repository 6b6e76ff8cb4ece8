"""Webhooks: what is told, who wants to be told, with which secret it is signed, and how the address has been doing."""

from enum import StrEnum

from pydantic import Field

from common.models.base import Document, Moment


class WebhookKind(StrEnum):
    """What is told. Makers of apps and users call it by other names each (CONTRACT sections 8.3 to 8.5)."""

    TRANSCRIPT = "transcript"
    AUDIO = "audio"
    CONVERSATION = "conversation"
    DAY_SUMMARY = "day_summary"


APP_TRIGGERS = {
    WebhookKind.TRANSCRIPT: "transcript_processed",
    WebhookKind.AUDIO: "audio_bytes",
    WebhookKind.CONVERSATION: "memory_creation",
}
"""What apps can be told; the rest is for the user's own addresses alone."""
DEVELOPER_TYPES = {
    WebhookKind.TRANSCRIPT: "realtime_transcript",
    WebhookKind.AUDIO: "audio_bytes",
    WebhookKind.CONVERSATION: "memory_created",
    WebhookKind.DAY_SUMMARY: "day_summary",
}


class Listener(Document):
    """An app that wants to be told, or the user's own address where there is no `app_id`."""

    kind: WebhookKind
    app_id: str | None = None
    every_s: float = 0.0
    """Seconds of audio that are told at once."""


class FormerSecret(Document):
    """What signed until then."""

    secret: str
    until: Moment


class WebhookSecret(Document):
    """What signs. After a change those before sign too, until the receiver has had time to follow.

    `previous_secret` is the last of them; older versions know of no others.
    """

    id: str
    secret: str
    previous_secret: str | None = None
    changed_at: Moment
    former: list[FormerSecret] = Field(default_factory=list)


class WebhookHealth(Document):
    """Whether an app's address has been failing, since when, and what its maker was told about it."""

    id: str
    failing_since: Moment | None = None
    last_failed_at: Moment | None = None
    failures: int = 0
    last_error: str = ""
    told_hours: int = Field(0, ge=0)
