"""Collection `users/{uid}/data_keys`: the keys with which a user's words are sealed, one document per version.

They are deleted with the account; a copy of the whole database, while there is one, has both (docs/decisions/0064).
Keys are kept in memory for some minutes, and so is whether a user wants their words sealed.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from common.core import clock
from common.core.errors import ProviderRefusedError
from common.database import refusals, wrapping
from common.database.clients import firestore_client
from common.models.base import utc_moment
from common.models.data_key import ENHANCED, DataKey

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import CollectionReference

COLLECTION = "data_keys"
_BYTES = 32
_KEPT_S = 300.0
"""Real seconds that a key is kept in memory."""
LEVEL_KEPT_S = 30.0
"""Real seconds that it is remembered whether a user wants their words sealed, and with which key."""
_MOST = 10_000

T = TypeVar("T")


@dataclass(frozen=True)
class UserKey:
    """A version of a user's key, ready to be used."""

    version: int
    secret: bytes
    made_at: datetime


def are_wanted(*, uid: str) -> bool:
    """Whether the user wants their words sealed."""
    kept = _levels.find(uid)
    if kept is None:
        snapshot = firestore_client().collection("users").document(uid).get(["data_protection_level"])
        fields = snapshot.to_dict() if snapshot.exists else None
        kept = _levels.keep(uid, (fields or {}).get("data_protection_level") == ENHANCED)
    return kept


def current(*, uid: str) -> UserKey | None:
    """The key to seal with, made if there is none yet; None where the user does not want their words sealed.

    Raises:
        ProviderError: the key cannot be had; nothing may be stored then.
    """
    return newest(uid=uid) if are_wanted(uid=uid) else None


def newest(*, uid: str) -> UserKey:
    """The key to seal with, whatever the user wants of their words; made if there is none yet.

    Raises:
        ProviderError: the key cannot be had; nothing may be stored then.
    """
    kept = _current.find(uid)
    if kept is None:
        stored = _newest(uid)
        kept = _current.keep(uid, _make(1, uid=uid) if stored is None else _as_stored(*stored, uid=uid))
    return kept


def of_version(version: int, *, uid: str) -> UserKey:
    """A version of a user's key.

    Raises:
        ProviderError: it cannot be had now.
        ProviderRefusedError: there is none any more.
    """
    kept = _versions.find((uid, version))
    if kept is not None:
        return kept
    snapshot = _collection(uid).document(_id(version)).get()
    if not snapshot.exists:
        raise ProviderRefusedError("What is sealed here cannot be read: its key is gone")
    stored = DataKey.model_validate({"id": snapshot.id, **(snapshot.to_dict() or {})})
    secret = wrapping.named(stored.wrapped_by).unwrap(stored.wrapped, context=_context(uid, version))
    return _versions.keep((uid, version), UserKey(version, secret, stored.created_at))


def all_versions(*, uid: str) -> list[UserKey]:
    """Every version of a user's key, the oldest first.

    Raises:
        ProviderError: they cannot be had now.
    """
    return [of_version(number + 1, uid=uid) for number in range(_newest_number(uid))]


def rotate(*, uid: str) -> int:
    """Make another version, with which everything is sealed from now on; its number.

    Raises:
        ProviderError: none can be had now.
    """
    made = _make(_newest_number(uid) + 1, uid=uid)
    _current.keep(uid, made)
    return made.version


def rewrap(*, uid: str) -> int:
    """Have every version wrapped by whoever wraps new ones now; how many were not.

    Raises:
        ProviderError: not now.
    """
    wrapper, rewrapped = wrapping.current(), 0
    for snapshot in _collection(uid).stream():
        stored = DataKey.model_validate({"id": snapshot.id, **(snapshot.to_dict() or {})})
        if stored.wrapped_by != wrapper.name:
            key = of_version(stored.version, uid=uid)
            wrapped = wrapper.wrap(key.secret, context=_context(uid, key.version))
            snapshot.reference.update({"wrapped": wrapped, "wrapped_by": wrapper.name})
            rewrapped += 1
    return rewrapped


def forget(*, uid: str | None = None) -> None:
    """Drop from memory what is kept of a user, or of all."""
    for kept in (_levels, _current, _versions):
        kept.drop(uid)


def _make(version: int, *, uid: str) -> UserKey:
    """A new version, or the one that somebody else has made at the same time."""
    secret, wrapper = os.urandom(_BYTES), wrapping.current()
    stored = DataKey(
        id=_id(version),
        version=version,
        wrapped=wrapper.wrap(secret, context=_context(uid, version)),
        wrapped_by=wrapper.name,
        created_at=clock.now(),
    )
    try:
        _collection(uid).document(stored.id).create(stored.to_firestore())
    except refusals.AlreadyExists:
        return of_version(version, uid=uid)
    return _versions.keep((uid, version), UserKey(version, secret, stored.created_at))


def _as_stored(version: int, made_at: datetime, *, uid: str) -> UserKey:
    """A version; not as it is remembered where that was deleted with the account, and the user has come back since."""
    kept = _versions.find((uid, version))
    if kept is not None and kept.made_at != made_at:
        forget(uid=uid)
    return of_version(version, uid=uid)


def _newest(uid: str) -> tuple[int, datetime] | None:
    """The number of the newest version, and when it was made."""
    found = _collection(uid).order_by("__name__").select(["created_at"]).stream()
    return max(((int(snapshot.id), utc_moment(snapshot.get("created_at"))) for snapshot in found), default=None)


def _newest_number(uid: str) -> int:
    stored = _newest(uid)
    return 0 if stored is None else stored[0]


def _collection(uid: str) -> CollectionReference:
    return firestore_client().collection("users", uid, COLLECTION)


def _id(version: int) -> str:
    return f"{version:05d}"


def _context(uid: str, version: int) -> bytes:
    return f"users/{uid}/{COLLECTION}/{_id(version)}".encode()


class _Kept(Generic[T]):
    """A bounded note in memory of something about a user, for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._found: OrderedDict[object, tuple[T, float]] = OrderedDict()

    def find(self, name: object) -> T | None:
        with self._lock:
            value, until = self._found.get(name, (None, 0.0))
            return value if until > clock.monotonic() else None

    def keep(self, name: object, value: T) -> T:
        with self._lock:
            self._found[name] = value, clock.monotonic() + self._seconds
            self._found.move_to_end(name)
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
        return value

    def drop(self, uid: str | None) -> None:
        with self._lock:
            for name in list(self._found):
                if uid is None or uid in (name if isinstance(name, tuple) else (name,)):
                    del self._found[name]


_levels: _Kept[bool] = _Kept(LEVEL_KEPT_S)
_current: _Kept[UserKey] = _Kept(LEVEL_KEPT_S)
_versions: _Kept[UserKey] = _Kept(_KEPT_S)
