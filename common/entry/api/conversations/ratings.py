"""`/v1/users/analytics`: what a user thinks of summaries and answers (CONTRACT section 3.8)."""

from typing import Annotated

from fastapi import Query

from common.chat.rating import rate_answer
from common.conversations import ratings
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.rating import RatingView

router = Router(prefix="/v1/users/analytics", tags=["users"], responses=responses(401))

Id = Annotated[str, Query(min_length=1, max_length=1500)]
Reason = Annotated[str | None, Query(max_length=2000)]


@router.post("/memory_summary", responses=responses(402, 404))
def rate_summary(
    user: User,
    memory_id: Id,
    value: Annotated[int, Query(ge=-1, le=1, description="1 good, 0 bad, -1 asked but not answered")],
    reason: Reason = None,
) -> Done:
    """Say how good the summary of a conversation is."""
    ratings.rate_summary(uid=user, conversation_id=memory_id, value=value, reason=_given(reason))
    return Done()


@router.get("/memory_summary")
def get_summary_rating(user: User, memory_id: Id) -> RatingView:
    """Whether the summary of a conversation was rated, and how."""
    return ratings.summary_rating(uid=user, conversation_id=memory_id)


@router.post("/chat_message")
def rate_message(
    user: User,
    message_id: Id,
    value: Annotated[int, Query(ge=-1, le=1, description="1 good, -1 bad, 0 takes it back")],
    reason: Reason = None,
) -> Done:
    """Say how good an answer in the chat is."""
    rate_answer(message_id, uid=user, value=value, reason=_given(reason))
    return Done()


def _given(reason: str | None) -> str | None:
    """Without a reason the app says `null`, in letters."""
    return None if reason in {"", "null"} else reason
