"""What a user thinks of an app, and what its maker answered."""

from typing import Any

from pydantic import Field, model_validator

from common.models.base import Document, Moment


class AppReview(Document):
    """One user's review of one app; `score` in stars, 0 to 5 where it was given here."""

    uid: str
    rated_at: Moment
    score: float = Field(0.0, allow_inf_nan=False)
    review: str = ""
    username: str | None = None
    response: str | None = None
    responded_at: Moment | None = None
    updated_at: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _defaults_for_nulls(cls, value: Any) -> Any:
        """Old reviews hold nulls where nothing was said."""
        return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


class StoredReview(AppReview):
    """A review in its collection; its id is the reviewer's uid."""

    id: str
    app_id: str = ""
