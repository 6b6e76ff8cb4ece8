"""Documents `users/{uid}`: settings, read with defaults and changed by merging.

The display name, the language, the time zone and whether there is a speech profile are asked for all the time, and so
noted in Redis. Whoever changes them writes the note; a reader's find never replaces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from common.core.logs import get_logger
from common.core.time_zones import zone_of
from common.database import cache, keys, known_lists
from common.database.clients import firestore_client
from common.database.snapshots import fields_of
from common.models.user import UserSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from google.cloud.firestore import DocumentReference

_NOTED_S = 3600


def reference(*, uid: str) -> DocumentReference:
    """The user's own document."""
    return firestore_client().collection("users").document(uid)


def find(*, uid: str) -> UserSettings:
    """What the user has set; the defaults where there is no document."""
    return _readable(fields_of(reference(uid=uid).get()))


def change(*, uid: str, **fields: Any) -> None:
    """Set some fields of `UserSettings` and leave the others; of a field that is a map, what is not named stays.

    Raises:
        ValueError: a field that does not exist, or of another kind.
    """
    unknown = fields.keys() - UserSettings.model_fields.keys()
    if unknown:
        raise ValueError(f"no settings: {', '.join(sorted(unknown))}")
    changed = UserSettings.model_validate(fields).model_dump(exclude_unset=True)
    reference(uid=uid).set(changed, merge=True)
    for name, note in _NOTES.items():
        if name in fields:
            cache.put(note(uid), _as_note(changed[name]), seconds=_NOTED_S)
    if "data_protection_level" in fields:
        keys.forget(uid=uid)
    if "developer_webhooks" in fields:
        known_lists.outdate(known_lists.listeners_key(uid=uid))


def display_name(*, uid: str) -> str:
    """What the user is called; empty where that is not known."""
    return _noted("name", uid=uid)


def zone(*, uid: str) -> ZoneInfo:
    """Where the user's days begin and end; UTC where that is not known."""
    return zone_of(_noted("time_zone", uid=uid) or None)


def language(*, uid: str) -> str | None:
    """The language that the user speaks, if they have said which."""
    return _noted("language", uid=uid) or None


def has_speech_profile(*, uid: str) -> bool:
    """Whether the user's voice is known."""
    return bool(_noted("speech_profile_at", uid=uid))


def forget_notes(*, uid: str) -> None:
    """Drop what is noted of the user."""
    keys.forget(uid=uid)
    cache.forget(*(note(uid) for note in _NOTES.values()))


_NOTES: dict[str, Callable[[str], str]] = {
    "name": lambda uid: f"users:{uid}:name",
    "language": lambda uid: f"users:{uid}:language",
    "time_zone": lambda uid: f"users:{uid}:time_zone",
    "speech_profile_at": lambda uid: f"users:{uid}:speech_profile_at",
}
"""Which settings are noted, and under which key."""


def _noted(name: str, *, uid: str) -> str:
    key = _NOTES[name](uid)
    noted = cache.get(key)
    if noted is None:
        noted = _as_note(getattr(find(uid=uid), name))
        cache.put_if_absent(key, noted, seconds=_NOTED_S)
    return noted


def _as_note(value: object) -> str:
    return "" if value is None else str(value)


def _readable(stored: dict[str, Any]) -> UserSettings:
    """The settings without those that cannot be read: they count as not set."""
    try:
        return UserSettings.model_validate(stored)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        get_logger().error("settings_unreadable", fields=sorted(wrong))
        return UserSettings.model_validate({name: value for name, value in stored.items() if name not in wrong})
