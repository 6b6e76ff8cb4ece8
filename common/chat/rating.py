"""What a user thinks of an answer: kept for whoever improves them, and on the message, for the user to see."""

from contextlib import suppress

from common.chat.history import rate_message
from common.core.errors import NotFoundError
from common.database import analytics
from common.models.rating import RatedKind


def rate_answer(message_id: str, *, uid: str, value: int, reason: str | None = None) -> None:
    """Keep it: 1 and -1 are opinions, 0 takes one back. The message may be gone already."""
    analytics.put(RatedKind.MESSAGE, message_id, uid=uid, value=value, reason=reason)
    with suppress(NotFoundError):
        rate_message(message_id, uid=uid, rating=value or None)
