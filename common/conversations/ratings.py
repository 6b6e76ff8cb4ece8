"""What a user thinks of the summary of a conversation."""

from common.conversations.edit import get_unlocked
from common.database import analytics
from common.models.rating import SHOWN, RatedKind, RatingView


def rate_summary(*, uid: str, conversation_id: str, value: int, reason: str | None) -> None:
    """Keep it. That the user was only asked never replaces an answer.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    get_unlocked(uid=uid, conversation_id=conversation_id)
    if value == SHOWN and analytics.find(RatedKind.SUMMARY, conversation_id, uid=uid) is not None:
        return
    analytics.put(RatedKind.SUMMARY, conversation_id, uid=uid, value=value, reason=reason)


def summary_rating(*, uid: str, conversation_id: str) -> RatingView:
    """Whether it was rated, and how."""
    rating = analytics.find(RatedKind.SUMMARY, conversation_id, uid=uid)
    if rating is None:
        return RatingView(has_rating=False)
    return RatingView(has_rating=rating.value != SHOWN, rating=rating.value)
