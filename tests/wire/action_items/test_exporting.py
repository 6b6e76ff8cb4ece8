"""What a conversation gives to do reaches the user's Apple device, through the real event, as the function gets it."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.action_items import alike
from common.action_items.collect import collect_action_items
from common.action_items.edit import add_action_item, arrange_action_items
from common.action_items.elsewhere.export import export
from common.core import clock
from common.core.errors import ProviderError
from common.database import action_items, conversations, fcm_tokens
from common.database.account_deletions import DELETIONS
from common.models.account_deletion import AccountDeletion
from common.models.action_item import ActionItem, ActionItemChanges
from common.models.events import ActionItemsToExport, Due
from common.models.fcm_token import FcmToken
from common.models.user import TaskApp
from common.users.due import tell
from common.users.task_apps import choose_task_app
from local.fcm.errors import FcmError
from tests.support.due_events import due_events
from tests.support.making import a_conversation
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores
from tests.wire.notifications.devices import sent_to

Announced = Callable[[], list[ActionItemsToExport]]
MILK, CALL = "Buy milk and bread", "Call the landlord about the heating"


@pytest.fixture(autouse=True)
def _words_here(stores: Stores, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    del stores
    monkeypatch.setattr(alike, "embedder", lambda: words)


@pytest.fixture
def phone(uid: str) -> str:
    """The token of an iPhone of the user's."""
    return _have(uid, "phone", "ios")


@pytest.fixture
def announced(stores: Stores, uid: str) -> Iterator[Announced]:
    """What was announced since the last call."""
    assert stores.environment["PUBSUB_EMULATOR_HOST"]
    with due_events(ActionItemsToExport, uid=uid) as events:
        yield events


def _have(uid: str, name: str, platform: str) -> str:
    token = f"{name} {uid}"
    fcm_tokens.register(
        FcmToken(id=f"{platform}_{name}", token=token, platform=platform, created_at=clock.now()), uid=uid
    )
    return token


def _collect(uid: str, *items: str, run: int = 1) -> None:
    structured = {"title": "T", "action_items": [{"description": each} for each in items]}
    if run == 1:
        stored = {"status": "completed", "run": 1, "structured": structured}
        conversations.create(a_conversation(**stored), uid=uid)
    else:
        conversations.reference(uid=uid, conversation_id="c1").update({"run": run, "structured": structured})
    collect_action_items(uid=uid, conversation_id="c1", run=run)


def _event(uid: str, *items: ActionItem) -> ActionItemsToExport:
    return ActionItemsToExport(uid=uid, action_item_ids=tuple(item.id for item in items))


def _asked(token: str, stores: Stores) -> list[dict[str, Any]]:
    return [message["data"] for message in sent_to(token, stores)]


def test_what_is_collected_is_exported_once_where_the_user_has_chosen_that(
    stores: Stores, uid: str, phone: str, announced: Announced
) -> None:
    tablet = _have(uid, "tablet", "android")
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    _collect(uid, MILK, CALL)
    [event] = announced()
    assert MILK not in event.model_dump_json()
    for _ in range(2):
        tell(Due.model_validate_json(event.model_dump_json()))
    [message] = sent_to(phone, stores)
    assert "notification" not in message
    assert message["apns"]["headers"]["apns-push-type"] == "background"
    data = message["data"]
    items = json.loads(data["items"])
    assert {item["description"] for item in items} == {MILK, CALL}
    assert data["type"] == "apple_reminders_sync"
    assert {name: data[name] for name in ("action_item_id", "description", "due_at")} == {
        "action_item_id": items[0]["id"],
        "description": items[0]["description"],
        "due_at": "",
    }
    assert sent_to(tablet, stores) == []


def test_where_the_user_has_not_nothing_is_announced(uid: str, announced: Announced) -> None:
    _collect(uid, MILK)
    assert announced() == []


def test_another_run_asks_for_what_is_new_and_for_what_no_device_has_confirmed(uid: str, announced: Announced) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    _collect(uid, MILK, CALL)
    first = {item.description: item for item in action_items.of(uid=uid).find_many(announced()[0].action_item_ids)}
    confirmed = ActionItemChanges(exported=True, export_platform="apple_reminders", apple_reminder_id="r1")
    arrange_action_items({first[MILK].id: confirmed}, uid=uid)
    _collect(uid, MILK, CALL, "Repair the bike", run=2)
    [event] = announced()
    asked = action_items.of(uid=uid).find_many(event.action_item_ids)
    assert {item.description for item in asked} == {CALL, "Repair the bike"}


def test_items_are_asked_for_as_they_are_by_then(stores: Stores, uid: str, phone: str) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    milk, call = (add_action_item(uid=uid, description=each) for each in (MILK, CALL))
    arrange_action_items({milk.id: ActionItemChanges(completed=True)}, uid=uid)
    event = ActionItemsToExport(uid=uid, action_item_ids=(milk.id, call.id, "gone"))
    assert export(event) == "1 to export"
    [data] = _asked(phone, stores)
    assert [item["id"] for item in json.loads(data["items"])] == [call.id]


def test_what_one_message_cannot_hold_is_in_several_and_none_is_sent_again(
    stores: Stores, uid: str, phone: str
) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    items = [add_action_item(uid=uid, description=f"{number} {'x' * 450}") for number in range(7)]
    stores.fcm.refusals[phone] = deque()
    event = _event(uid, *items)
    assert export(event) == "7 to export"
    sent = len(_asked(phone, stores))
    assert sent > 1
    export(event)
    assert len(_asked(phone, stores)) == sent
    told = [item["id"] for data in _asked(phone, stores) for item in json.loads(data["items"])]
    assert told == [item.id for item in items]


def test_while_fcm_is_away_it_is_tried_again(stores: Stores, uid: str, phone: str) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    event = _event(uid, add_action_item(uid=uid, description=CALL))
    stores.fcm.refusals[phone] = deque([FcmError("UNAVAILABLE")] * 3)
    with pytest.raises(ProviderError):
        export(event)
    stores.fcm.refusals.clear()
    assert export(event) == "1 to export"
    assert len(_asked(phone, stores)) == 1


@pytest.mark.parametrize("why", ["turned off", "leaving", "no device", "everything gone"])
def test_nobody_is_asked_for_nothing(stores: Stores, uid: str, phone: str, why: str) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    item = add_action_item(uid=uid, description=CALL)
    if why == "turned off":
        choose_task_app(None, uid=uid)
    elif why == "leaving":
        DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
    elif why == "no device":
        fcm_tokens.of(uid=uid).delete("ios_phone")
    else:
        action_items.of(uid=uid).delete(item.id)
    assert export(_event(uid, item)) in {"not wanted", "nothing to do", "no device"}
    assert _asked(phone, stores) == []


def test_nobody_elses_items_are_told(stores: Stores, uid: str, phone: str) -> None:
    choose_task_app(TaskApp.APPLE_REMINDERS, uid=uid)
    theirs = add_action_item(uid=f"{uid}-2", description=CALL)
    assert export(_event(uid, theirs)) == "nothing to do"
    assert _asked(phone, stores) == []
