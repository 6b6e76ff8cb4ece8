"""Collection `shares`: what is shown to whoever has the token, which is told once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from common.core import clock, deletions
from common.core.deletions import Deletion
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter
from common.models.token_share import Acceptance, TokenShare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COLLECTION = "shares"
KEPT_S = 30 * 24 * 3600.0


def everybodys() -> Documents[TokenShare]:
    """All of them, under the hashes of their tokens."""
    return Documents(COLLECTION, model=TokenShare, noun="Share")


def create(*, uid: str, sender_name: str, action_item_ids: Sequence[str] = (), message_ids: Sequence[str] = ()) -> str:
    """Show action items or messages to whoever gets the token, which is returned."""
    token = secrets.token_urlsafe(24)
    now = clock.now()
    share = TokenShare(
        id=_hashed(token),
        uid=uid,
        sender_name=sender_name,
        action_item_ids=list(action_item_ids),
        message_ids=list(message_ids),
        created_at=now,
        expire_at=now + clock.duration(KEPT_S),
    )
    everybodys().create(share)
    return token


def get_of_action_items(token: str) -> TokenShare:
    """The action items that the token leads to.

    Raises:
        NotFoundError: to none, or to none any more.
    """
    return _get(token, holds=lambda share: share.action_item_ids)


def get_of_messages(token: str) -> TokenShare:
    """The messages that the token leads to.

    Raises:
        NotFoundError: to none, or to none any more.
    """
    return _get(token, holds=lambda share: share.message_ids)


def list_of(*, uid: str) -> list[TokenShare]:
    """What a user shows now, the newest first."""
    shares, now = everybodys(), clock.now()
    found = shares.stream(shares.collection.where(filter=field_filter("uid", "==", uid)).limit(LIST_LIMIT))
    return sorted((each for each in found if each.expire_at > now), key=lambda each: each.created_at, reverse=True)


def take_back(id_or_token: str, *, uid: str) -> None:
    """Show it to nobody any more, at once.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    share = everybodys().find(id_or_token) or everybodys().get(_hashed(id_or_token))
    if share.uid != uid:
        raise everybodys().missing()
    firestore_client().recursive_delete(everybodys().reference(share.id))
    deletions.tell(Deletion.SHARE, share.id, uid=uid)


def is_accepted(share: TokenShare, *, uid: str) -> bool:
    """Whether a user has taken it over."""
    return _acceptances(share).find(_hashed(uid)) is not None


def accept(share: TokenShare, *, uid: str) -> None:
    """Note that a user has taken it over.

    Raises:
        ConflictError: that is noted already.
    """
    _acceptances(share).create(Acceptance(id=_hashed(uid), accepted_at=clock.now(), expire_at=share.expire_at))


def _get(token: str, *, holds: Callable[[TokenShare], Sequence[str]]) -> TokenShare:
    share = everybodys().get(_hashed(token))
    if share.expire_at <= clock.now() or not holds(share):
        raise everybodys().missing()
    return share


def _acceptances(share: TokenShare) -> Documents[Acceptance]:
    return Documents(COLLECTION, share.id, "acceptances", model=Acceptance, noun="Acceptance of this share")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
