"""Whether FCM takes a message: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages."""

import re
from typing import Any

from local.fcm.errors import FcmError, invalid_value, unknown_field

LARGEST_PAYLOAD = 4096
_ANY: dict[str, Any] = {}
_TEXT = "TYPE_STRING"
_TEXTS = "map of TYPE_STRING"
_NOTIFICATION = {"title": _TEXT, "body": _TEXT, "image": _TEXT}
_ANDROID_NOTIFICATION: dict[str, Any] = dict.fromkeys(
    [
        "title",
        "body",
        "icon",
        "color",
        "sound",
        "click_action",
        "body_loc_key",
        "body_loc_args",
        "title_loc_key",
        "title_loc_args",
        "channel_id",
        "ticker",
        "sticky",
        "event_time",
        "local_only",
        "notification_priority",
        "default_sound",
        "default_vibrate_timings",
        "default_light_settings",
        "vibrate_timings",
        "visibility",
        "notification_count",
        "light_settings",
        "image",
        "proxy",
    ],
    _ANY,
) | {"tag": _TEXT}
_MESSAGE: dict[str, Any] = {
    "name": _TEXT,
    "data": _TEXTS,
    "notification": _NOTIFICATION,
    "android": {
        "collapse_key": _TEXT,
        "priority": _TEXT,
        "ttl": _TEXT,
        "restricted_package_name": _TEXT,
        "data": _TEXTS,
        "notification": _ANDROID_NOTIFICATION,
        "fcm_options": {"analytics_label": _TEXT},
        "direct_boot_ok": _ANY,
    },
    "webpush": {
        "headers": _TEXTS,
        "data": _TEXTS,
        "notification": _ANY,
        "fcm_options": {"link": _TEXT, "analytics_label": _TEXT},
    },
    "apns": {
        "headers": _TEXTS,
        "payload": _ANY,
        "fcm_options": {"analytics_label": _TEXT, "image": _TEXT},
        "live_activity_token": _TEXT,
    },
    "fcm_options": {"analytics_label": _TEXT},
    "token": _TEXT,
    "topic": _TEXT,
    "condition": _TEXT,
}
_PRIORITIES = {"NORMAL", "HIGH", "normal", "high"}
_TARGETS = ("token", "topic", "condition")
_RESERVED = re.compile(r"from|message_type|notification|google\..*|gcm\..*")
_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")


def checked(body: Any) -> dict[str, Any]:
    """The message of a request, with its fields' names in snake case.

    Raises:
        FcmError: FCM would not take it.
    """
    if not isinstance(body, dict) or not isinstance(body.get("message"), dict):
        raise FcmError("INVALID_ARGUMENT", violations={"message": "Message is not set."})
    message: dict[str, Any] = _shaped(body["message"], _MESSAGE, at="message")
    if sum(bool(message.get(target)) for target in _TARGETS) != 1:
        text = "Recipient of the message is not set."
        raise FcmError("INVALID_ARGUMENT", violations={"message": text}, message=text)
    if message.get("android", {}).get("priority", "NORMAL") not in _PRIORITIES:
        raise invalid_value("message.android.priority", "google.firebase.fcm.v1.AndroidMessagePriority")
    link = message.get("webpush", {}).get("fcm_options", {}).get("link", "https://")
    if not link.startswith("https://"):
        raise FcmError("INVALID_ARGUMENT", violations={"message.webpush.fcm_options.link": "Must be HTTPS"})
    for name in message.get("data", {}):
        if _RESERVED.fullmatch(name):
            raise FcmError("INVALID_ARGUMENT", violations={f"message.data[{name}]": "Invalid data payload key"})
    if _payload_size(message) > LARGEST_PAYLOAD:
        raise FcmError("INVALID_ARGUMENT", bare=True)
    return message


def _shaped(value: Any, shape: Any, *, at: str) -> Any:
    """The value, where it has the shape of its field."""
    if shape is _ANY:
        return value
    if shape == _TEXT:
        return _text(value, at=at)
    if not isinstance(value, dict):
        raise invalid_value(at, "an object")
    if shape == _TEXTS:
        return {name: _text(text, at=f"{at}[{number}].value") for number, (name, text) in enumerate(value.items())}
    named = {_CAPITAL.sub(lambda found: f"_{found[1].lower()}", name): each for name, each in value.items()}
    for name in named:
        if name not in shape:
            raise unknown_field(name, at)
    return {name: _shaped(each, shape[name], at=f"{at}.{name}") for name, each in named.items()}


def _text(value: Any, *, at: str) -> str:
    if not isinstance(value, str):
        raise invalid_value(at, _TEXT)
    return value


def _payload_size(message: dict[str, Any]) -> int:
    """Bytes of names and values, of what is shown and of data."""
    fields = [*message.get("data", {}).items(), *message.get("notification", {}).items()]
    return sum(len(name.encode()) + len(value.encode()) for name, value in fields)
