"""Who wants to be told what a user says and what became of it: enabled apps with a trigger, the user's own addresses.

A live session asks this all the time, so the answer is kept in Redis. Whoever turns an app or an address on or off
outdates it; what a maker changes about an app, or becomes of it, shows within a minute, and is looked at once more
before anything is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ConfigDict, TypeAdapter

from common.database import apps, installs, known_lists, users
from common.models.webhook import APP_TRIGGERS, DEVELOPER_TYPES, Listener, WebhookKind

if TYPE_CHECKING:
    from common.models.app import App
    from common.models.user import UserSettings

APP_AUDIO_S = 4.0
"""Seconds of audio that an app is told at once."""
_DEVELOPER_AUDIO_S = 5.0
LONGEST_AUDIO_S = 120.0
"""No more is told at once, whatever was asked for: it is held in memory."""
_KEPT_S = 60
_LISTENERS = TypeAdapter(list[Listener], config=ConfigDict(defer_build=True))


@dataclass(frozen=True)
class Wanted:
    """What of a user's speech is to be told at once; seconds are 0 where no audio is wanted."""

    transcript: bool = False
    app_audio_s: float = 0.0
    developer_audio_s: float = 0.0


def wanted(*, uid: str) -> Wanted:
    """What anybody wants to be told of this user."""
    found = listeners(uid=uid)
    audio = [each for each in found if each.kind is WebhookKind.AUDIO]
    return Wanted(
        transcript=any(each.kind is WebhookKind.TRANSCRIPT for each in found),
        app_audio_s=max((each.every_s for each in audio if each.app_id is not None), default=0.0),
        developer_audio_s=max((each.every_s for each in audio if each.app_id is None), default=0.0),
    )


def listeners(*, uid: str) -> list[Listener]:
    """Everybody who wants to be told something of this user."""
    kept = known_lists.recall(known_lists.listeners_key(uid=uid), lambda: _load(uid), seconds=_KEPT_S)
    return _LISTENERS.validate_json(kept)


def app_address(app: App, kind: WebhookKind, *, uid: str) -> str | None:
    """Where an app that this user has turned on wants to be told, if at all. Pure."""
    integration = app.external_integration
    if integration is None or not app.usable_by(uid):
        return None
    if "external_integration" not in app.capabilities and "proactive_notification" not in app.capabilities:
        return None
    wanted_here = kind in APP_TRIGGERS and integration.triggers_on == APP_TRIGGERS[kind]
    return integration.webhook_url or None if wanted_here else None


def developer_address(settings: UserSettings, kind: WebhookKind) -> tuple[str, float] | None:
    """The user's own address that wants to be told, and seconds of audio to tell at once. Pure."""
    webhook = settings.developer_webhooks.get(DEVELOPER_TYPES[kind])
    if webhook is None or not webhook.enabled:
        return None
    # Behind the address of audio, and of nothing else, stands how much is told at once.
    url, _, seconds = webhook.url.partition(",") if kind is WebhookKind.AUDIO else (webhook.url, "", "")
    every_s = float(seconds) if seconds.strip().isdecimal() else _DEVELOPER_AUDIO_S
    return (url, min(every_s, LONGEST_AUDIO_S)) if url else None


def _load(uid: str) -> str:
    found: list[Listener] = []
    settings = users.find(uid=uid)
    enabled = apps.ALL.find_many(sorted(installs.enabled_ids(uid=uid)))
    for kind in WebhookKind:
        own = developer_address(settings, kind)
        if own is not None:
            found.append(Listener(kind=kind, every_s=own[1]))
        found += [
            Listener(kind=kind, app_id=app.id, every_s=APP_AUDIO_S)
            for app in enabled
            if app_address(app, kind, uid=uid)
        ]
    return _LISTENERS.dump_json(found).decode()
