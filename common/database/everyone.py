"""Who there is: users with a document of their own, and those who only have something below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import InvalidInputError, NotFoundError
from common.core.ids import is_document_id
from common.database import users
from common.database.clients import firestore_client

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = 300


def uids(*, after: str | None = None) -> Iterator[str]:
    """Everybody after `after`, in the order of their ids; any number in the memory of a page."""
    # A query would not find those without a document of their own.
    for place in firestore_client().collection("users").list_documents(page_size=_PAGE):
        if after is None or place.id > after:
            yield place.id


def is_known(*, uid: str) -> bool:
    """Whether anything is stored for a user."""
    place = users.reference(uid=uid)
    return place.get([]).exists or next(iter(place.collections()), None) is not None


def require(*, uid: str) -> str:
    """The user's id, of one who exists.

    Raises:
        InvalidInputError: nobody can have this id.
        NotFoundError: nothing is stored for them.
    """
    if not is_document_id(uid):
        raise InvalidInputError("No user can have this id")
    if not is_known(uid=uid):
        raise NotFoundError("Nothing is stored for a user of this id")
    return uid
