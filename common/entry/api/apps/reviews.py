"""`/v1/apps/…/review`: what users say about apps (CONTRACT section 3.10)."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from common.apps.reviewing import answer_review, list_reviews, review_app
from common.entry.api.apps.enabling import AppId
from common.entry.api.apps.shelves import LARGEST_OFFSET
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app_review import AppReview

router = Router(prefix="/v1/apps", tags=["apps"], responses=responses(401, 403, 404))


class ReviewRequest(BaseModel):
    """What one thinks of an app."""

    score: float = Field(ge=0, le=5, examples=[4.5])
    review: str = Field("", max_length=5000, examples=["Finds what matters"])
    username: str | None = Field(None, max_length=100)


class ReplyRequest(BaseModel):
    """What the maker answers."""

    response: str = Field(min_length=1, max_length=5000, examples=["Thank you"])
    reviewer_uid: str = Field(min_length=1, max_length=128)


@router.post("/review")
def write(user: User, app_id: AppId, body: ReviewRequest) -> Ok:
    """Review an app, in place of what one has said before."""
    review_app(app_id, uid=user, score=body.score, text=body.review, username=body.username)
    return Ok()


@router.patch("/{app_id}/review")
def change(user: User, app_id: str, body: ReviewRequest) -> Ok:
    """Change one's review."""
    review_app(app_id, uid=user, score=body.score, text=body.review, username=body.username, again=True)
    return Ok()


@router.patch("/{app_id}/review/reply")
def reply(user: User, app_id: str, body: ReplyRequest) -> Ok:
    """Answer a review of an app of one's own."""
    answer_review(app_id, uid=user, reviewer_uid=body.reviewer_uid, response=body.response)
    return Ok()


@router.get("/{app_id}/reviews")
def list_newest(
    user: User,
    app_id: str,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET)] = 0,
) -> list[AppReview]:
    """What users say about an app, newest first."""
    return [*list_reviews(app_id, uid=user, limit=limit, offset=offset)]
