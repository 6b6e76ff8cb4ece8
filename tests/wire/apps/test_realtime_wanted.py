"""Who wants to be told at once what a user says: known without delay when it changes, and only about whom it may be."""

from typing import Any

import pytest

from common.core.errors import NotFoundError
from common.database import apps, cache, installs, known_lists, realtime, users
from common.database.realtime import Wanted
from common.models.app import App
from common.models.webhook import WebhookKind
from common.users.webhooks import WebhookType, set_webhook, switch_webhook
from tests.support.apps import make_app
from tests.support.stores import Stores

HOOK = "https://hooks.example.com/in"


@pytest.fixture(autouse=True)
def _stores(stores: Stores) -> None:
    assert stores


def _listening(trigger: str = "transcript_processed", **fields: Any) -> App:
    integration = {"triggers_on": trigger, "webhook_url": HOOK}
    return make_app(**{"capabilities": ["external_integration"], "external_integration": integration} | fields)


def test_nobody_wants_anything_of_a_user_who_asked_for_nothing(uid: str) -> None:
    assert realtime.wanted(uid=uid) == Wanted()


def test_an_app_is_told_from_when_it_is_turned_on_until_it_is_turned_off(uid: str) -> None:
    app = _listening()
    assert not realtime.wanted(uid=uid).transcript
    installs.enable(app, uid=uid)
    assert realtime.wanted(uid=uid) == Wanted(transcript=True)
    installs.disable(app_id=app.id, uid=uid)
    assert realtime.wanted(uid=uid) == Wanted()


def test_the_answer_is_kept_for_as_long_as_nobody_changes_it(uid: str) -> None:
    assert realtime.wanted(uid=uid) == Wanted()
    app = _listening()
    installs.of(uid=uid).reference(app.id).set({"id": app.id, "enabled_at": app.created_at})
    assert realtime.wanted(uid=uid) == Wanted(), "read from Redis, not from the store"
    cache.forget(known_lists.listeners_key(uid=uid), f"users:{uid}:enabled_plugins")
    assert realtime.wanted(uid=uid).transcript


def test_an_address_of_the_users_own_is_told_while_it_is_switched_on(uid: str) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
    assert realtime.wanted(uid=uid) == Wanted(transcript=True)
    switch_webhook(WebhookType.REALTIME_TRANSCRIPT, uid=uid, enabled=False)
    assert realtime.wanted(uid=uid) == Wanted()
    switch_webhook(WebhookType.REALTIME_TRANSCRIPT, uid=uid, enabled=True)
    assert realtime.wanted(uid=uid).transcript
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, "", uid=uid)
    assert realtime.wanted(uid=uid) == Wanted()


@pytest.mark.parametrize(("setting", "seconds"), [(HOOK, 5.0), (f"{HOOK},12", 12.0), (f"{HOOK},3600", 120.0)])
def test_audio_is_told_in_the_pieces_that_were_asked_for_within_reason(uid: str, setting: str, seconds: float) -> None:
    set_webhook(WebhookType.AUDIO_BYTES, setting, uid=uid)
    assert realtime.wanted(uid=uid) == Wanted(developer_audio_s=seconds)
    assert realtime.developer_address(users.find(uid=uid), WebhookKind.AUDIO) == (HOOK, seconds)
    installs.enable(_listening("audio_bytes"), uid=uid)
    assert realtime.wanted(uid=uid) == Wanted(app_audio_s=4.0, developer_audio_s=seconds)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"private": True}, id="somebody else's private app"),
        pytest.param({"approved": False, "status": "rejected"}, id="not approved any more"),
        pytest.param({"disabled": True}, id="disabled"),
        pytest.param({"deleted": True}, id="deleted"),
        pytest.param({"capabilities": ["chat"]}, id="no integration"),
        pytest.param({"external_integration": {"triggers_on": "memory_creation", "webhook_url": HOOK}}, id="another"),
        pytest.param({"external_integration": {"triggers_on": "transcript_processed"}}, id="without address"),
    ],
)
def test_an_app_that_may_not_be_told_is_not_wanted(uid: str, fields: dict[str, Any]) -> None:
    app = _listening(**fields)
    if not app.deleted:
        installs.enable(app, uid=uid)
    assert realtime.wanted(uid=uid) == Wanted()


def test_a_private_app_of_the_users_own_is_told(uid: str) -> None:
    installs.enable(_listening(private=True, approved=False, uid=uid), uid=uid)
    assert realtime.wanted(uid=uid).transcript


def test_an_app_that_was_deleted_meanwhile_disturbs_nobody(uid: str) -> None:
    app = _listening()
    installs.enable(app, uid=uid)
    apps.delete(app.id)
    with pytest.raises(NotFoundError):
        apps.get(app.id)
    assert realtime.wanted(uid=uid) == Wanted()
