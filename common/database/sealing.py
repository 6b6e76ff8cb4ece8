"""What a user said, sealed at rest where they want that: AES-256-GCM by a key of their own (docs/decisions/0026).

A field that is sealed holds bytes in place of its value: a mark, the key's version, a nonce, and the value encrypted,
bound to the document and the field it stands in, so that it opens nowhere else. Both forms may stand side by side, in
one document even; whoever reads through `snapshots.fields_of` sees values.
"""

from __future__ import annotations

import hmac
import json
import os
import struct
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderRefusedError
from common.database import keys
from common.models.data_key import ENHANCED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from common.database.keys import UserKey

LEVEL = "data_protection_level"
TITLE_KEY = "title_key"
"""Beside a sealed title: what only its owner's key makes of it, to find it by."""
SEALED: Mapping[str, tuple[str, ...]] = {
    "conversations": (
        "structured.title",
        "structured.overview",
        "structured.action_items",
        "structured.events",
        "transcript_segments",
        "photos",
        "apps_results",
        "plugins_results",
        "external_data",
        "geolocation",
        "speaker_label_suggestions",
        "calendar_event",
        "relevance.reason",
        "user_title",
        "user_overview",
        "user_action_items",
    ),
    "segments": ("segments",),
    "transcript": ("data",),
    "photos": ("base64", "description"),
    "fal_whisperx": ("text", "translations"),
    "hume": ("emotions",),
    "memories": ("content", "tags"),
    "history": ("content", "tags"),
    "action_items": ("description",),
    "messages": ("text", "metadata", "report_reason", "chart_data", "files"),
    "files": ("name",),
    "folders": ("name", "description"),
    "chat_sessions": ("title", "preview"),
    "chat_threads": ("context",),
    "checkpoints": ("data", "metadata"),
    "writes": ("data",),
    "pieces": ("data",),
    "goals": ("title",),
    "meetings": ("title", "participants", "meeting_link", "notes"),
    "daily_summaries": (
        "headline",
        "overview",
        "highlights",
        "action_items",
        "unresolved_questions",
        "decisions_made",
        "knowledge_nuggets",
        "locations",
    ),
    "notifications": ("title", "body", "data"),
    "claims": ("result",),
    "mcp_grants": ("registration", "tokens", "pending"),
    "task_grants": ("access_token", "refresh_token"),
}
"""What is sealed in the documents of each collection below a user, wherever below: nothing that is sorted by."""

_SECRETS = {"mcp_grants", "task_grants"}
"""Collections of what lets us in elsewhere: sealed whatever their user has chosen for their words."""
_STREAMING = "_streaming"
"""Ends the names of collections of what recognisers, by whatever name, have understood."""

_MARK = b"\x9eES1"
_HEAD = struct.Struct(">I")
_NONCE = 12
_JSON, _PACKED, _BYTES = b"j", b"z", b"b"
_PACKED_FROM = 1024
_TIME = "$time"
_WORDLESS = {"conversation_role", "recording_session_id"}
"""What a live conversation is marked with when it begins: ids and the like, which say nothing."""
_NO_SEGMENTS = zlib.compress(b"[]")
"""The transcript of a conversation that nobody has said anything in."""


def protected(fields: dict[str, Any], path: str, *, whole: bool = False) -> dict[str, Any]:
    """Fields as they may be stored: sealed where the user wants that.

    Args:
        fields: of one document, all that are given or some that are changed.
        path: the document's.
        whole: whether the document is stored anew, and says how it is protected.

    Raises:
        ProviderError: they cannot be sealed now, and so not be stored.
    """
    uid = _owner(path)
    if uid is None or not _names(path):
        return fields
    if path.split("/")[-2] in _SECRETS:
        return seal(fields, path, key=keys.newest(uid=uid)) if versions(fields, path) else fields
    if not keys.are_wanted(uid=uid):
        return fields
    # Without words no key is needed: a conversation may begin, and its audio be stored, while none can be had.
    key = keys.current(uid=uid) if versions(fields, path) else None
    sealed = fields if key is None else seal(fields, path, key=key)
    return {**sealed, LEVEL: ENHANCED} if whole else sealed


def seal(fields: dict[str, Any], path: str, *, key: UserKey) -> dict[str, Any]:
    """The same fields, those that hold words sealed with a key; what is empty stays as it is."""
    sealed = dict(fields)
    for name in _names(path):
        outer, _, inner = name.partition(".")
        value = sealed.get(outer)
        if not inner:
            if not _is_empty(value) and not is_sealed(value):
                sealed[outer] = _sealed(value, path, name, key)
        elif isinstance(value, dict) and not _is_empty(value.get(inner)) and not is_sealed(value[inner]):
            beside = {TITLE_KEY: _label(value[inner], key)} if name == "structured.title" else {}
            sealed[outer] = {**value, inner: _sealed(value[inner], path, name, key), **beside}
    return sealed


def opened(fields: dict[str, Any], path: str) -> dict[str, Any]:
    """The same fields, none of them sealed.

    Raises:
        ProviderError: the key cannot be had now.
        ProviderRefusedError: they were sealed for another place, or changed since, or the key is gone.
    """
    found: dict[str, Any] = _opened(fields, path, "")
    return found


def holds_sealed(fields: Mapping[str, Any]) -> bool:
    """Whether any of these fields, or of those within them, is sealed."""
    return any(
        value.startswith(_MARK) if isinstance(value, bytes) else isinstance(value, dict) and holds_sealed(value)
        for value in fields.values()
    )


def is_sealed(value: object) -> bool:
    """Whether this is what a sealed field holds."""
    return isinstance(value, bytes) and value.startswith(_MARK)


def versions(fields: Mapping[str, Any], path: str) -> set[int | None]:
    """With which versions of the key the words in a document are sealed; None among them where some are not."""
    found: set[int | None] = set()
    for name in _names(path):
        outer, _, inner = name.partition(".")
        value = fields.get(outer)
        if inner:
            value = value.get(inner) if isinstance(value, dict) else None
        if isinstance(value, bytes) and is_sealed(value):
            found.add(_HEAD.unpack_from(value, len(_MARK))[0])
        elif not _is_empty(value):
            found.add(None)
    return found


def labels(texts: Iterable[str], *, uid: str) -> list[str]:
    """What stands for texts where something is looked for by them: digests by the user's key, if they want sealing."""
    key = keys.current(uid=uid)
    return list(texts) if key is None else [_label(text, key) for text in texts]


def former_labels(texts: Iterable[str], *, uid: str) -> list[str]:
    """What may stand for texts besides themselves, by any version of the key; nothing where nothing is to be sealed."""
    if keys.current(uid=uid) is None:
        return []
    versions_of_key = keys.all_versions(uid=uid)
    return [_label(text, key) for text in texts for key in versions_of_key]


def _label(text: str, key: UserKey) -> str:
    labelling = hmac.digest(key.secret, b"earshot label key", "sha256")
    return hmac.digest(labelling, text.encode(errors="replace"), "sha256").hex()


def _sealed(value: Any, path: str, name: str, key: UserKey) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    plain = _BYTES + value if isinstance(value, bytes) else _written(value)
    head = _MARK + _HEAD.pack(key.version) + nonce
    return head + AESGCM(key.secret).encrypt(nonce, plain, _place(path, name))


def _opened(fields: Mapping[str, Any], path: str, within: str) -> Any:
    changed: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, bytes):
            if value.startswith(_MARK):
                changed[name] = _value(value, path, f"{within}{name}")
        elif isinstance(value, dict):
            inner = _opened(value, path, f"{within}{name}.")
            if inner is not value:
                changed[name] = inner
    return {**fields, **changed} if changed else fields


def _value(data: bytes, path: str, name: str) -> Any:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    at = len(_MARK) + _HEAD.size
    try:
        [version] = _HEAD.unpack_from(data, len(_MARK))
        key = keys.of_version(version, uid=_owner(path) or "")
        plain = AESGCM(key.secret).decrypt(data[at : at + _NONCE], data[at + _NONCE :], _place(path, name))
    except (InvalidTag, ValueError, struct.error):
        raise ProviderRefusedError("What is sealed here was changed, or sealed for another place") from None
    return _read(plain)


def _written(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plainly).encode(errors="surrogatepass")
    return _PACKED + zlib.compress(text, 1) if len(text) >= _PACKED_FROM else _JSON + text


def _read(plain: bytes) -> Any:
    form, body = plain[:1], plain[1:]
    if form == _BYTES:
        return body
    text = zlib.decompress(body) if form == _PACKED else body
    return json.loads(text.decode(errors="surrogatepass"), object_hook=_timely)


def _plainly(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    raise TypeError(f"nothing that is stored: {type(value).__name__}")


def _timely(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value[_TIME]) if value.keys() == {_TIME} else value


def _is_empty(value: object) -> bool:
    if isinstance(value, dict):
        return value.keys() <= _WORDLESS
    return value is None or value == _NO_SEGMENTS or (isinstance(value, str | bytes | list) and not value)


def _owner(path: str) -> str | None:
    parts = path.split("/")
    return parts[1] if parts[0] == "users" and len(parts) > 2 else None  # noqa: PLR2004 - users/{uid} is the user's own


def _names(path: str) -> Iterable[str]:
    if not path.startswith("users/"):
        return ()
    collection = path.split("/")[-2]
    return SEALED["fal_whisperx"] if collection.endswith(_STREAMING) else SEALED.get(collection, ())


def _place(path: str, name: str) -> bytes:
    return f"{path}#{name}".encode()
