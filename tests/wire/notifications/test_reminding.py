"""An item that is due, from the list to the devices: through the real event, as the function gets it."""

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient
from google.pubsub_v1.types import PubsubMessage

from common.action_items import reminding
from common.action_items.edit import add_action_item, complete_action_item, delete_action_item
from common.core import clock
from common.database import action_items
from common.models.action_item import ActionItem
from common.models.events import ActionItemDue, Event, NotificationDue
from common.notifications.devices import tell_devices
from common.notifications.notify import notify
from local.events import message_event
from local.fcm.errors import FcmError
from local.manifest import ROOT
from tests.support.stores import Stores
from tests.wire.notifications.devices import have_device, sent_to

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture(scope="module")
def function(stores: Stores) -> FlaskClient:
    """`notify_user`, served by functions-framework."""
    assert stores.environment["FCM_URL"]
    app = _create_app("main", str(ROOT / "functions" / "notify_user" / "main.py"), "cloudevent")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    made: FlaskClient = app.test_client()
    return made


@pytest.fixture
def deliver(function: FlaskClient) -> Callable[[Event], int]:
    """Hands an event to the function, as the platform does."""

    def deliver(event: Event) -> int:
        message = PubsubMessage.pb()(data=event.model_dump_json().encode(), message_id=event.event_id[-100:])
        message.publish_time.FromDatetime(clock.now())
        headers, body = message_event("projects/p/topics/notification-due", message, function="notify_user")
        return function.post("/", data=body, headers=headers).status_code

    return deliver


def _due(item: ActionItem, uid: str, change: str) -> ActionItemDue:
    known = {"uid": uid, "action_item_id": item.id, "change": change, "changed_at": item.updated_at}
    return ActionItemDue.model_validate(known)


def _add(uid: str, **fields: Any) -> ActionItem:
    due_at = clock.now() + timedelta(hours=2)
    return add_action_item(**{"uid": uid, "description": "Call the landlord", "due_at": due_at, **fields})


def test_devices_set_move_and_drop_their_alarm(stores: Stores, uid: str, deliver: Callable[[Event], int]) -> None:
    have_device(f"a {uid}", uid=uid)
    item = _add(uid)
    assert item.due_at is not None
    assert deliver(_due(item, uid, "created")) == 200
    assert deliver(_due(item, uid, "changed")) == 200
    complete_action_item(uid=uid, action_item_id=item.id, completed=True)
    assert deliver(_due(item, uid, "changed")) == 200
    delete_action_item(uid=uid, action_item_id=item.id)
    assert deliver(_due(item, uid, "deleted")) == 200
    told = [message["data"] for message in sent_to(f"a {uid}", stores)]
    alarm = {"action_item_id": item.id, "description": "Call the landlord", "due_at": item.due_at.isoformat()}
    assert told == [
        {"type": "action_item_reminder", **alarm},
        {"type": "action_item_update", **alarm},
        {"type": "action_item_delete", **alarm, "due_at": ""},
        {"type": "action_item_delete", "action_item_id": item.id, "description": "", "due_at": ""},
    ]
    assert all("notification" not in message for message in sent_to(f"a {uid}", stores))


@pytest.mark.parametrize("gone", [False, True])
def test_who_is_told_what_was_true_a_moment_ago_is_told_what_is(
    stores: Stores, uid: str, deliver: Callable[[Event], int], monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    have_device(f"a {uid}", uid=uid)
    item = _add(uid)
    moved = clock.now() + timedelta(hours=5)
    changes = (
        [lambda: delete_action_item(uid=uid, action_item_id=item.id)] if gone else [lambda: _move(item, moved, uid)]
    )

    def slowly(*told: Any, **named: Any) -> Any:
        while changes:
            changes.pop()()  # while this one is on its way
        return tell_devices(*told, **named)

    monkeypatch.setattr(reminding, "tell_devices", slowly)
    assert deliver(_due(item, uid, "created")) == 200
    told = [message["data"] for message in sent_to(f"a {uid}", stores)]
    assert [each["type"] for each in told] == ["action_item_reminder", f"action_item_{'delete' if gone else 'update'}"]
    assert told[-1]["due_at"] == ("" if gone else moved.isoformat())


def _move(item: ActionItem, due_at: datetime, uid: str) -> None:
    action_items.of(uid=uid).change(item.id, lambda known: known.model_copy(update={"due_at": due_at}))


def test_of_a_locked_item_only_the_beginning_leaves(stores: Stores, uid: str, deliver: Callable[[Event], int]) -> None:
    have_device(f"a {uid}", uid=uid)
    item = _add(uid, description="x" * 100)
    action_items.of(uid=uid).put(item.model_copy(update={"is_locked": True}))
    deliver(_due(item, uid, "created"))
    [message] = sent_to(f"a {uid}", stores)
    assert message["data"]["description"] == "x" * 70 + "…"


def test_a_device_that_is_not_reached_has_the_event_delivered_again(
    stores: Stores, uid: str, deliver: Callable[[Event], int]
) -> None:
    have_device(f"a {uid}", uid=uid)
    stores.fcm.refusals[f"a {uid}"] = deque([FcmError("UNAVAILABLE")] * 3)
    event = _due(_add(uid), uid, "created")
    assert deliver(event) == 503
    assert deliver(event) == 200
    assert len(sent_to(f"a {uid}", stores)) == 1


def test_the_function_takes_notifications_and_reminders_and_acknowledges_nonsense(
    stores: Stores, uid: str, deliver: Callable[[Event], int]
) -> None:
    have_device(f"a {uid}", uid=uid)
    told = notify(uid=uid, kind="announcement", title="T", body="B")
    assert deliver(NotificationDue(uid=uid, notification_id=told.id)) == 200
    assert len(sent_to(f"a {uid}", stores)) == 1
    nonsense: Any = SimpleNamespace(model_dump_json=lambda: json.dumps({"kind": "other"}), event_id="x")
    assert deliver(nonsense) == 200
