"""What a user thinks of an app, and what its maker answered."""

from pydantic import Field

from common.models.base import Moment, Older


class AppReview(Older):
    """One user's review of one app; `score` in stars, 0 to 5 where it was given here."""

    uid: str
    rated_at: Moment
    score: float = Field(0.0, allow_inf_nan=False)
    review: str = ""
    username: str | None = None
    response: str | None = None
    responded_at: Moment | None = None
    updated_at: Moment | None = None


class StoredReview(AppReview):
    """A review in its collection; its id is the reviewer's uid."""

    id: str
    app_id: str = ""
