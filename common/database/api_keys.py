"""Collections `dev_api_keys`, `mcp_api_keys` and `plugins_data/{app_id}/api_keys`: keys by their hash.

A key that was looked up is known in Redis for a minute. Revoking leaves a mark there that a reader who was on its way
cannot overwrite, so a revoked key is refused from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.ids import new_id
from common.database import cache, refusals
from common.database.documents import Documents
from common.database.firestore import field_filter
from common.models.api_key import ApiKey

_KNOWN_S = 60
_REVOKED = "revoked"
_REVOKED_S = 120
_SHOWN = 12
"""Characters of a key that its owner sees later on."""


class KeyKind(StrEnum):
    """What a key is for; the value is how it begins."""

    DEVELOPER = "omi_dev_"
    MCP = "omi_mcp_"
    APP = "sk_"


_DELETIONS = {
    KeyKind.DEVELOPER: Deletion.DEVELOPER_KEY,
    KeyKind.MCP: Deletion.MCP_KEY,
    KeyKind.APP: Deletion.APP_KEY,
}


def of(kind: KeyKind, *, app_id: str = "") -> Documents[ApiKey]:
    """The collection of one kind; an app's keys lie below the app."""
    path = {
        KeyKind.DEVELOPER: ("dev_api_keys",),
        KeyKind.MCP: ("mcp_api_keys",),
        KeyKind.APP: ("plugins_data", app_id, "api_keys"),
    }[kind]
    return Documents(*path, model=ApiKey, noun="Key")


def create(
    kind: KeyKind, *, uid: str, name: str, scopes: list[str] | None = None, app_id: str = ""
) -> tuple[ApiKey, str]:
    """Make a key; the second of the pair is the key itself, which is stored nowhere."""
    secret = f"{kind.value}{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=new_id(),
        user_id=uid,
        name=name,
        key_prefix=f"{secret[:_SHOWN]}…",
        hashed_key=_hash(secret),
        created_at=clock.now(),
        scopes=scopes,
        app_id=app_id or None,
    )
    return of(kind, app_id=app_id).create(key), secret


def list_of_user(kind: KeyKind, *, uid: str) -> list[ApiKey]:
    """A user's keys, newest first."""
    keys = of(kind)
    found = keys.stream(keys.collection.where(filter=field_filter("user_id", "==", uid)))
    return sorted(found, key=lambda key: key.created_at, reverse=True)


def find_by_secret(kind: KeyKind, secret: str, *, app_id: str = "") -> ApiKey | None:
    """The key somebody presents, or None where it is unknown or revoked."""
    if not secret.startswith(kind.value):
        return None
    hashed = _hash(secret)
    known = cache.get(_cache_key(hashed, app_id))
    if known is not None:
        return None if known == _REVOKED else ApiKey.model_validate_json(known)
    keys = of(kind, app_id=app_id)
    found = keys.stream(keys.collection.where(filter=field_filter("hashed_key", "==", hashed)).limit(1))
    if not found:
        return None
    [key] = found
    cache.put_if_absent(_cache_key(hashed, app_id), key.model_dump_json(), seconds=_KNOWN_S)
    try:
        keys.reference(key.id).update({"last_used_at": clock.now()})
    except refusals.NotFound:  # revoked in this moment
        return None
    return key


def revoke(kind: KeyKind, *, key_id: str, uid: str, app_id: str = "") -> None:
    """Refuse a key from now on.

    Raises:
        NotFoundError: the user has no such key.
    """
    keys = of(kind, app_id=app_id)
    key = keys.get(key_id)
    if key.user_id != uid:
        raise keys.missing()
    keys.delete(key_id)
    deletions.tell(_DELETIONS[kind], key_id, uid=uid, app_id=app_id or None)
    cache.put(_cache_key(key.hashed_key, app_id), _REVOKED, seconds=_REVOKED_S)


def _cache_key(hashed: str, app_id: str) -> str:
    return f"api_key:{app_id}:{hashed}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
