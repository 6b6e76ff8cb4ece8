"""Addresses of the user's own that are told what happens: judged by their form, kept per kind of event."""

from enum import StrEnum
from urllib.parse import urlsplit

from common.core.errors import InvalidInputError
from common.core.settings import settings
from common.database import users

LONGEST_URL = 2000
_LONGEST_INTERVAL_S = 3600


class WebhookType(StrEnum):
    """What can be told."""

    AUDIO_BYTES = "audio_bytes"
    AUDIO_BYTES_WEBSOCKET = "audio_bytes_websocket"
    REALTIME_TRANSCRIPT = "realtime_transcript"
    MEMORY_CREATED = "memory_created"
    DAY_SUMMARY = "day_summary"
    BUTTON_EVENT = "button_event"


def set_webhook(kind: WebhookType, url: str, *, uid: str) -> None:
    """Tell this address from now on; an empty one, or a mere comma, ends it.

    Raises:
        InvalidInputError: it is no address that can be told.
    """
    wanted = url.strip()
    if wanted in {"", ","}:
        users.change(uid=uid, developer_webhooks={kind.value: {"url": "", "enabled": False}})
        return
    address, _, seconds = wanted.partition(",") if kind is WebhookType.AUDIO_BYTES else (wanted, "", "")
    if seconds.strip() and not _is_interval(seconds.strip()):
        raise InvalidInputError(f"After the comma stands a number of seconds, 1 to {_LONGEST_INTERVAL_S}")
    check_address(address)
    users.change(uid=uid, developer_webhooks={kind.value: {"url": wanted, "enabled": True}})


def switch_webhook(kind: WebhookType, *, uid: str, enabled: bool) -> None:
    """Begin or stop telling the address that is kept."""
    users.change(uid=uid, developer_webhooks={kind.value: {"enabled": enabled}})


def check_address(url: str) -> None:
    """Judge an address by its form; where it leads is checked when it is called.

    Raises:
        InvalidInputError: not https (in development not http either), without a host, with credentials, too long, or no
            address at all.
    """
    if len(url) > LONGEST_URL or not url.isprintable() or any(char.isspace() for char in url):
        raise InvalidInputError("The address is too long or holds characters that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInputError("Not an address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise InvalidInputError("The address must begin with http:// or https:// and name a host")
    if not settings().outside_may_be_here and (parts.scheme != "https" or port not in {None, 80, 443}):
        raise InvalidInputError("The address must begin with https:// and name no unusual port")
    if parts.username is not None or parts.password is not None:
        raise InvalidInputError("The address must not carry credentials")


def _is_interval(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= _LONGEST_INTERVAL_S
