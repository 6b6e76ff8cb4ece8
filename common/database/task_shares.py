"""Collection `shares`: action items shown to whoever has the token, which is told once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from common.core import clock
from common.database.documents import Documents
from common.models.task_share import Acceptance, TaskShare

if TYPE_CHECKING:
    from collections.abc import Sequence

COLLECTION = "shares"
KEPT_S = 30 * 24 * 3600.0


def create(*, uid: str, sender_name: str, action_item_ids: Sequence[str]) -> str:
    """Show action items to whoever gets the token, which is returned."""
    token = secrets.token_urlsafe(24)
    now = clock.now()
    share = TaskShare(
        id=_hashed(token),
        uid=uid,
        sender_name=sender_name,
        action_item_ids=list(action_item_ids),
        created_at=now,
        expire_at=now + clock.duration(KEPT_S),
    )
    _shares().create(share)
    return token


def get(token: str) -> TaskShare:
    """What the token leads to.

    Raises:
        NotFoundError: nothing, or nothing any more.
    """
    share = _shares().get(_hashed(token))
    if share.expire_at <= clock.now():
        raise _shares().missing()
    return share


def is_accepted(share: TaskShare, *, uid: str) -> bool:
    """Whether a user has taken it over."""
    return _acceptances(share).find(_hashed(uid)) is not None


def accept(share: TaskShare, *, uid: str) -> None:
    """Note that a user has taken it over.

    Raises:
        ConflictError: that is noted already.
    """
    _acceptances(share).create(Acceptance(id=_hashed(uid), accepted_at=clock.now(), expire_at=share.expire_at))


def _shares() -> Documents[TaskShare]:
    return Documents(COLLECTION, model=TaskShare, noun="Share")


def _acceptances(share: TaskShare) -> Documents[Acceptance]:
    return Documents(COLLECTION, share.id, "acceptances", model=Acceptance, noun="Acceptance of this share")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
