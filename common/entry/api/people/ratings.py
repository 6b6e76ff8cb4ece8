"""`/v1/users/analytics`: what the user thinks of summaries and answers."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from common.database import ratings
from common.entry.api.identity import User
from common.entry.api.people.answers import Done
from common.entry.api.schemas import responses
from common.models.rating import RatedKind

router = APIRouter(prefix="/v1/users/analytics", tags=["ratings"], responses=responses(401))

SubjectId = Annotated[str, Query(min_length=1, max_length=200)]
Value = Annotated[int, Query(ge=-1, le=1, description="1 good, -1 bad or only shown, 0 neither")]
Reason = Annotated[str | None, Query(max_length=2000)]


class SummaryRating(BaseModel):
    """Whether a summary was rated, and how."""

    has_rating: bool
    rating: int | None = None


@router.post("/memory_summary")
def rate_summary(user: User, memory_id: SubjectId, value: Value, reason: Reason = None) -> Done:
    """Say whether a conversation's summary is good."""
    ratings.put(RatedKind.MEMORY_SUMMARY, uid=user, subject_id=memory_id, value=value, reason=_reason(reason))
    return Done()


@router.get("/memory_summary")
def summary_rating(user: User, memory_id: SubjectId) -> SummaryRating:
    """What the user said of a conversation's summary."""
    found = ratings.find(RatedKind.MEMORY_SUMMARY, uid=user, subject_id=memory_id)
    return SummaryRating(has_rating=found is not None, rating=found and found.value)


@router.post("/chat_message")
def rate_message(user: User, message_id: SubjectId, value: Value, reason: Reason = None) -> Done:
    """Say whether an answer in the chat is good."""
    ratings.put(RatedKind.CHAT_MESSAGE, uid=user, subject_id=message_id, value=value, reason=_reason(reason))
    return Done()


def _reason(text: str | None) -> str | None:
    """The app says `null` where there is none."""
    return None if text in {None, "", "null"} else text
