"""That an app was of use to somebody; to whom is not kept."""

from enum import StrEnum

from common.models.base import Document, Moment


class UseKind(StrEnum):
    """What for. The first three names are those of the clients (CONTRACT section 8)."""

    SUMMARY = "memory_created_prompt"
    CONVERSATION_WEBHOOK = "memory_created_external_integration"
    TRANSCRIPT_WEBHOOK = "transcript_processed_external_integration"
    PROACTIVE = "proactive_notification_sent"
    PROACTIVE_LEFT = "proactive_notification_left"
    """It wanted to have something said, and that was not done."""


class Left(StrEnum):
    """Why nothing was said for an app that wanted something said."""

    NOT_DECLARED = "not_declared"
    """`proactive_notification` is not among its capabilities."""
    INVALID = "invalid"
    """What it asked for does not have the form of a request."""
    NO_MODEL = "no_model"
    """No language model is set up."""
    TOO_OFTEN = "too_often"
    """It has had its share for now."""
    NO_ANSWER = "no_answer"
    """The language model did not answer."""
    NO_REASON = "no_reason"
    """The language model saw no reason to say anything."""


class AppUse(Document):
    """One use; the id follows from the occasion."""

    id: str
    type: UseKind
    timestamp: Moment
    reason: Left | None = None
    """Why it came to nothing, where it did."""
