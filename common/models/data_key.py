"""A user's own key, with which what they said is sealed at rest; stored wrapped by another that is not in the store."""

from typing import Final

from common.models.base import Document, Moment

ENHANCED: Final = "enhanced"
STANDARD: Final = "standard"


class DataKey(Document):
    """One version of it: nobody can read `wrapped` but whoever holds the key that `wrapped_by` names."""

    id: str
    version: int
    wrapped: bytes
    wrapped_by: str
    created_at: Moment
