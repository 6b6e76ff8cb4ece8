"""Everything stored for a user as one JSON document, written while it is read."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.database import account_reading, api_keys, conversations
from common.database.api_keys import KeyKind
from common.models.api_key import ApiKeyView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from common.database.account_reading import Named

_MACHINERY = {
    "claims",
    "deleted_people",
    "failures",
    "index_leases",
    "learning",
    "data_keys",
    "mcp_grants",
    "task_grants",
}
"""Who works on what, answers that are kept there may hold a key; and keys, to here and elsewhere."""
_CONVERSATIONS = "conversations"
_CHUNKS = "transcript"
_SECRET = re.compile(r"token|secret|password|hashed_key|api_key", re.IGNORECASE)
"""Fields by these names let somebody in, here or elsewhere."""


def export_account(*, uid: str) -> Iterator[str]:
    """The pieces of a JSON object, in order; without secrets and without what others have stored."""
    yield from _text({"uid": uid, "exported_at": clock.now(), "user": account_reading.own_document(uid=uid)})[:-1]
    yield ', "collections": {'
    names = [name for name in account_reading.collection_names(uid=uid) if name not in _MACHINERY]
    for number, name in enumerate(names):
        yield f"{', ' if number else ''}{json.dumps(name)}: "
        yield from _array(_documents(_whole(name, uid=uid)))
    yield "}"
    for name in account_reading.SHARED_COLLECTIONS:
        yield f', "{name}": '
        yield from _array(_documents(account_reading.in_shared(name, uid=uid)))
    yield ', "reviews": '
    yield from _array(_documents(account_reading.reviews(uid=uid)))
    yield ', "keys": '
    yield from _array(_keys(uid=uid))
    yield ', "files": '
    yield from _array(account_reading.stored_objects(uid=uid))
    yield "}\n"


def _whole(name: str, *, uid: str) -> Iterator[Named]:
    """One collection; long transcripts are put together."""
    for path, fields in account_reading.below(name, uid=uid):
        if name == _CONVERSATIONS and path.split("/")[1:2] == [_CHUNKS]:
            continue
        if name == _CONVERSATIONS and fields.get("transcript_chunks"):
            whole = conversations.find(uid=uid, conversation_id=path)
            segments = whole.transcript_segments if whole is not None else []
            yield path, {**fields, "transcript_segments": [segment.to_json() for segment in segments]}
            continue
        yield path, fields


def _documents(found: Iterable[Named]) -> Iterator[dict[str, Any]]:
    return ({"path": path, **fields} for path, fields in found)


def _keys(*, uid: str) -> Iterator[dict[str, Any]]:
    for kind in (KeyKind.DEVELOPER, KeyKind.MCP):
        for key in api_keys.list_of_user(kind, uid=uid):
            view = ApiKeyView.model_validate(key.model_dump()).to_json()
            # What begins a key, and what it may do, is no secret.
            yield {"kind": kind.name.lower(), **view}


def _array(items: Iterable[Any]) -> Iterator[str]:
    yield "["
    for number, item in enumerate(items):
        yield f"{', ' if number else ''}{_text(item)}"
    yield "]"


def _text(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """A stored value as JSON can say it."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items() if not _SECRET.search(str(name))}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, int | str):
        return value
    return _unpacked(value) if isinstance(value, bytes) else _spelled(value)


def _spelled(value: Any) -> Any:
    """Firestore's own kinds of values."""
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "latitude"):
        return {"latitude": value.latitude, "longitude": value.longitude}
    return str(getattr(value, "path", value))


def _unpacked(data: bytes) -> Any:
    """What was packed, as it was before; other bytes as base64."""
    if not data:
        return []
    try:
        return json.loads(zlib.decompress(data))
    except (zlib.error, ValueError):
        return base64.b64encode(data).decode()
