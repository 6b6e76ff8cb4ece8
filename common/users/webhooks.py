"""Addresses of the user's own that are told what happens: judged as those of apps are, kept per kind of event."""

from enum import StrEnum

from common.core import deletions
from common.core.deletions import Deletion
from common.core.errors import InvalidInputError
from common.core.ids import digest
from common.core.outside import check_url
from common.core.settings import settings
from common.database import users, webhook_health
from common.models.webhook import DEVELOPER_TYPES
from common.speech import circuits

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

    Where a name leads is judged when it is told something.

    Raises:
        InvalidInputError: it is no address that can be told.
    """
    wanted = url.strip()
    if wanted in {"", ","}:
        users.change(uid=uid, developer_webhooks={kind.value: {"url": "", "enabled": False}})
        deletions.tell(Deletion.WEBHOOK, kind.value, uid=uid)
        return
    address, seconds = _parts(kind, wanted)
    if seconds.strip() and not _is_interval(seconds.strip()):
        raise InvalidInputError(f"After the comma stands a number of seconds, 1 to {_LONGEST_INTERVAL_S}")
    check_url(address, loopback=settings().outside_may_be_here, encrypted=True)
    users.change(uid=uid, developer_webhooks={kind.value: {"url": wanted, "enabled": True}})
    _begin_anew(kind, address, uid=uid)


def switch_webhook(kind: WebhookType, *, uid: str, enabled: bool) -> None:
    """Begin or stop telling the address that is kept."""
    users.change(uid=uid, developer_webhooks={kind.value: {"enabled": enabled}})
    if not enabled:
        deletions.tell(Deletion.WEBHOOK, kind.value, uid=uid)
    kept = users.find(uid=uid).developer_webhooks.get(kind.value)
    if enabled and kept is not None:
        address, _ = _parts(kind, kept.url)
        _begin_anew(kind, address, uid=uid)


def circuit_of(url: str, *, app_id: str | None = None) -> str:
    """What names an address, of an app or of users' own, where one keeps in mind that it is left alone for a while."""
    return f"webhook:{digest(app_id or 'developer', url)}"


def _parts(kind: WebhookType, url: str) -> tuple[str, str]:
    """The address, and the seconds that may stand behind it where it is one for audio."""
    address, _, seconds = url.partition(",") if kind is WebhookType.AUDIO_BYTES else (url, "", "")
    return address, seconds


def _begin_anew(kind: WebhookType, address: str, *, uid: str) -> None:
    """How an address did before it was set or switched on is not held against it."""
    for told, name in DEVELOPER_TYPES.items():
        if name == kind.value:
            webhook_health.forget(webhook_health.of_user(uid=uid, kind=told))
            circuits.close(circuit_of(address))


def _is_interval(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= _LONGEST_INTERVAL_S
