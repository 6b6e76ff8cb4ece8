"""The day that a conversation was part of does not tell of it when it is deleted, and follows it when it is merged."""

from collections.abc import Sequence

from common.database import daily_summaries


def forget_in_days(conversation_id: str, *, uid: str) -> int:
    """Tell the days it was part of without it; a day that was nothing else goes. How many there were."""
    if days := daily_summaries.list_made_of([conversation_id], uid=uid):
        from common.conversations.retold_days import retell  # most are part of none, and all wait for a start

        for day in days:
            retell(day, without=conversation_id, uid=uid)
    return len(days)


def rename_in_days(conversation_ids: Sequence[str], *, to: str, uid: str) -> None:
    """Have the days that these were part of name what they have become."""
    while days := daily_summaries.list_made_of(conversation_ids, uid=uid):
        from common.conversations.retold_days import rename

        for day in days:
            rename(day, conversation_ids, to=to, uid=uid)
