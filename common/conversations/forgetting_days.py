"""A deleted conversation is not told of by the day it was part of, either."""

from common.database import daily_summaries


def forget_in_days(conversation_id: str, *, uid: str) -> int:
    """Tell the days it was part of without it; a day that was nothing else goes. How many there were."""
    if days := daily_summaries.list_made_of(conversation_id, uid=uid):
        from common.conversations.retold_days import retell  # most are part of none, and all wait for a start

        for day in days:
            retell(day, without=conversation_id, uid=uid)
    return len(days)
