"""`/v1/users/daily-summaries`: what the days were."""

from typing import Annotated

from fastapi import Query

from common.database import daily_summaries
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Shape
from common.models.daily_summary import DailySummary

router = Router(prefix="/v1/users/daily-summaries", tags=["daily summaries"], responses=responses(401))


class DailySummaries(Shape):
    """Days, the newest first."""

    summaries: list[DailySummary]


@router.get("")
def list_newest(
    user: User,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> DailySummaries:
    """The newest days first."""
    return DailySummaries(summaries=daily_summaries.list_newest(uid=user, limit=limit, offset=offset))


@router.get("/{summary_id}", responses=responses(404))
def get(user: User, summary_id: str) -> DailySummary:
    """One day."""
    return daily_summaries.of(uid=user).get(summary_id)


@router.delete("/{summary_id}", responses=responses(404))
def delete(user: User, summary_id: str) -> Done:
    """Delete the summary of a day."""
    daily_summaries.delete(summary_id, uid=user)
    return Done()
