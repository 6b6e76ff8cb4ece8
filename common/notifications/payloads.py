"""From a notification to what Firebase Cloud Messaging is asked to send to one device (CONTRACT section 5.9). Pure."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from common.models.notification import Notification

DATA_ONLY = frozenset(
    {
        "important_conversation",
        "merge_completed",
        "action_item_reminder",
        "action_item_update",
        "action_item_delete",
        "apple_reminders_sync",
    }
)
"""Kinds that the app shows, or does not show, by itself."""
_CAN_WAIT = frozenset({"merge_completed", "action_item_delete", "apple_reminders_sync"})
"""Kinds for which no sleeping device is woken."""
_MESSAGES = {
    "app_message": ("text", "plugin"),
    "webhook_message": ("text", "plugin"),
    "daily_summary": ("day_summary", "daily_summary"),
    "mentor": ("text", "mentor"),
}
"""Kinds that are messages of a chat as well: the message's type, and what the app calls such a notification."""
LARGEST_PAYLOAD = 3800
"""Bytes of text and data; FCM and Apple take 4096 with their own fields."""
LARGEST_BLOCKS = 3000
_LARGEST_DATA = LARGEST_PAYLOAD - 200
"""What the kind, and names besides, still have room beside."""
_TEXTS = ("description", "text")
"""Data that may be cut, as what is shown may."""
_CUTS = (1500, 900, 500, 250, 100)
"""Bytes that a text is cut to, one after the other until all fits."""
_NEVER_DROPPED = frozenset({"type", "id", "navigate_to"})
_RESERVED = ("google.", "gcm.")
_RESERVED_NAMES = frozenset({"from", "message_type", "notification"})


def message_for(notification: Notification, *, uid: str, token: str) -> dict[str, Any]:
    """The `message` of a request: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages."""
    shown = notification.kind not in DATA_ONLY
    texts = {"title": notification.title, "body": notification.body} if shown else {}
    texts, data = fitting(texts, data_of(notification))
    key = collapse_key(notification, uid=uid)
    link = notification.data.get("navigate_to", "")
    message: dict[str, Any] = {
        "token": token,
        "data": data,
        # No collapse key on Android: of those a device that is offline keeps four at most. The tag does it there.
        "android": {"priority": "NORMAL" if notification.kind in _CAN_WAIT else "HIGH"},
        "apns": {"headers": {"apns-collapse-id": key}, "payload": {"aps": {"content-available": 1}}},
    }
    if not shown:
        # Apple drops background messages that claim to be urgent.
        message["apns"]["headers"] |= {"apns-push-type": "background", "apns-priority": "5"}
        return message
    message["notification"] = texts
    message["android"]["notification"] = {"tag": key}
    message["apns"]["headers"] |= {"apns-push-type": "alert", "apns-priority": "10"}
    message["apns"]["payload"]["aps"] = {"sound": "default"}
    message["webpush"] = {"notification": {"tag": key}}
    if link.startswith("https://"):
        message["webpush"]["fcm_options"] = {"link": link}
    return message


def data_of(notification: Notification) -> dict[str, str]:
    """What the app gets besides what is shown."""
    given = {name: value for name, value in notification.data.items() if not _is_reserved(name)}
    if notification.kind not in _MESSAGES:
        return {"type": notification.kind} | given
    message_type, notification_type = _MESSAGES[notification.kind]
    blocks = given.pop("content_blocks", "")
    message = {
        "id": notification.id,
        "created_at": notification.created_at.isoformat(),
        "sender": "ai",
        "from_integration": "false",
        "type": message_type,
        "notification_type": notification_type,
        "text": notification.body,
    }
    if notification.app_id is not None:
        message["plugin_id"] = notification.app_id
    if blocks and len(blocks.encode()) <= LARGEST_BLOCKS:
        message["content_blocks"] = blocks
    return message | given


def collapse_key(notification: Notification, *, uid: str) -> str:
    """Sixteen hex digits: the same for the same notification, so that a second copy replaces the first."""
    told = f"{uid}{notification.title}{notification.body}{notification.id}"
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()[:16]


def fitting(texts: Mapping[str, str], data: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Both, in what a message may hold: blocks go first, then texts are cut, at last whatever is largest goes."""
    texts, data = dict(texts), dict(data)
    if _size(texts, data) > LARGEST_PAYLOAD:
        data.pop("content_blocks", None)
    for bytes_ in _CUTS:
        if _size(texts, data) <= LARGEST_PAYLOAD:
            return texts, data
        texts = {name: cut(text, bytes_) for name, text in texts.items()}
        data |= {name: cut(data[name], bytes_) for name in _TEXTS if name in data}
    while _size(texts, data) > LARGEST_PAYLOAD and (droppable := data.keys() - _NEVER_DROPPED):
        del data[max(droppable, key=_by_size(data))]
    if _size(texts, data) > LARGEST_PAYLOAD:
        data = {name: cut(value, _CUTS[-1]) for name, value in data.items()}
    return texts, data


def fits(data: Mapping[str, str]) -> bool:
    """Whether data alone is as much as a message may hold."""
    return _size({}, data) <= _LARGEST_DATA


def cut(text: str, bytes_: int) -> str:
    """The text, or as much of it as fits into so many bytes, with a sign that there is more."""
    if len(text.encode()) <= bytes_:
        return text
    return text.encode()[: bytes_ - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def _size(texts: Mapping[str, str], data: Mapping[str, str]) -> int:
    return len(json.dumps({"notification": texts, "data": data}, ensure_ascii=False).encode())


def _by_size(data: Mapping[str, str]) -> Callable[[str], tuple[int, str]]:
    return lambda name: (len(data[name].encode()), name)


def _is_reserved(name: str) -> bool:
    """Names that FCM keeps to itself; a message that has one is refused."""
    return name in _RESERVED_NAMES or name.startswith(_RESERVED)
