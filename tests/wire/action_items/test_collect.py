"""What a conversation gives to do stands on the list once, and as its owner has left it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.action_items import alike, edit
from common.action_items.collect import collect_action_items
from common.conversations import agenda
from common.conversations.delete import delete_conversation
from common.core import clock
from common.core.errors import RetryableError
from common.database import account_deletions, action_items, conversations, users
from common.database.action_items import Filters
from common.models.account_deletion import AccountDeletion
from common.models.action_item import ActionItem, ActionItemChanges
from tests.support.making import a_conversation
from tests.support.providers import WordEmbedder

MILK, CALL = "Buy milk and bread", "Call the landlord about the heating"
FRIDAY = datetime(2030, 5, 3, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _words_here(stores: object, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    del stores
    monkeypatch.setattr(alike, "embedder", lambda: words)


def _agreed(uid: str, *items: str | dict[str, Any], conversation_id: str = "c1", **fields: Any) -> None:
    structured = {"title": "T", "action_items": list(items)}
    stored = {"id": conversation_id, "status": "completed", "run": 1, "structured": structured, **fields}
    conversations.create(a_conversation(**stored), uid=uid)


def _again(uid: str, *items: str | dict[str, Any]) -> int:
    """Another run of the conversation is completed, with these items; which run."""
    run = conversations.get(uid=uid, conversation_id="c1").run + 1
    written = [{"description": each} if isinstance(each, str) else each for each in items]
    conversations.reference(uid=uid, conversation_id="c1").update({"run": run, "structured.action_items": written})
    return run


def _collect(uid: str, run: int = 1, conversation_id: str = "c1") -> str:
    return collect_action_items(uid=uid, conversation_id=conversation_id, run=run)


def _list(uid: str) -> dict[str, ActionItem]:
    return {item.description: item for item in edit.list_action_items(uid=uid, limit=100)[0]}


def test_every_item_stands_on_the_list_with_where_it_came_from(uid: str) -> None:
    _agreed(uid, MILK, {"description": CALL, "due_at": FRIDAY})
    assert _collect(uid) == "2 new, 0 changed, 0 gone"
    found = _list(uid)
    assert set(found) == {MILK, CALL}
    assert (found[CALL].due_at, found[CALL].conversation_id, found[CALL].completed) == (FRIDAY, "c1", False)


def test_a_second_delivery_writes_the_same(uid: str) -> None:
    _agreed(uid, MILK, CALL)
    _collect(uid)
    before = _list(uid)
    assert _collect(uid) == "0 new, 0 changed, 0 gone"
    assert _list(uid) == before


def test_another_run_replaces_what_nobody_has_touched(uid: str) -> None:
    _agreed(uid, MILK, {"description": CALL, "due_at": FRIDAY})
    _collect(uid)
    before = _list(uid)
    run = _again(uid, {"description": f"{CALL}.", "due_at": FRIDAY + timedelta(days=1)}, "Repair the bike")
    assert _collect(uid, run) == "1 new, 1 changed, 1 gone"
    after = _list(uid)
    assert set(after) == {CALL, "Repair the bike"}
    assert (after[CALL].id, after[CALL].due_at) == (before[CALL].id, FRIDAY + timedelta(days=1))


def test_what_its_owner_has_ticked_off_reworded_or_arranged_stays(uid: str) -> None:
    _agreed(uid, MILK, CALL, "Repair the bike")
    _collect(uid)
    found = _list(uid)
    edit.complete_action_item(uid=uid, action_item_id=found[MILK].id, completed=True)
    changes = ActionItemChanges(description="Ring the landlord", due_at=FRIDAY)
    edit.edit_action_item(uid=uid, action_item_id=found[CALL].id, changes=changes)
    edit.arrange_action_items({found["Repair the bike"].id: ActionItemChanges(sort_order=7)}, uid=uid)
    assert _collect(uid, _again(uid, MILK, CALL)) == "0 new, 0 changed, 0 gone"
    after = _list(uid)
    assert set(after) == {MILK, "Ring the landlord", "Repair the bike"}
    assert after[MILK].completed
    assert (after["Ring the landlord"].due_at, after["Repair the bike"].sort_order) == (FRIDAY, 7)


def test_what_its_owner_has_deleted_does_not_come_back_but_may_be_agreed_on_again(uid: str) -> None:
    _agreed(uid, MILK, CALL)
    _collect(uid)
    edit.delete_action_item(uid=uid, action_item_id=_list(uid)[MILK].id)
    edit.delete_action_items(uid=uid, action_item_ids=[_list(uid)[CALL].id])
    assert _collect(uid, _again(uid, f"{MILK}.", CALL.upper())) == "0 new, 0 changed, 0 gone"
    assert _list(uid) == {}
    _agreed(uid, MILK, conversation_id="c2", started_at=clock.now())
    assert _collect(uid, conversation_id="c2") == "1 new, 0 changed, 0 gone"


def test_what_is_done_to_an_item_inside_the_conversation_is_done_to_the_one_on_the_list(uid: str) -> None:
    _agreed(uid, MILK, CALL)
    _collect(uid)
    agenda.delete_action_item(uid=uid, conversation_id="c1", description=MILK)
    assert set(_list(uid)) == {CALL}
    assert _collect(uid, _again(uid, MILK, CALL)) == "0 new, 0 changed, 0 gone"


def test_an_item_that_was_ticked_off_inside_the_conversation_before_comes_ticked_off(uid: str) -> None:
    _agreed(uid, {"description": MILK, "completed": True})
    _collect(uid)
    assert _list(uid)[MILK].completed_at is not None


@pytest.mark.parametrize(
    ("there", "agreed", "new"),
    [
        ({}, {}, 0),
        ({"due_at": FRIDAY}, {}, 0),
        ({"due_at": FRIDAY}, {"due_at": FRIDAY - timedelta(hours=3)}, 0),
        ({"due_at": FRIDAY}, {"due_at": FRIDAY - timedelta(days=1)}, 1),
        ({}, {"due_at": FRIDAY}, 1),
        ({"completed": True}, {}, 1),
    ],
    ids=["open", "due", "due that day", "due another day", "undated", "done"],
)
def test_what_is_on_the_list_already_is_not_put_there_again(
    uid: str, there: dict[str, Any], agreed: dict[str, Any], new: int
) -> None:
    edit.add_action_item(uid=uid, description="buy bread and milk", **there)
    _agreed(uid, {"description": MILK, **agreed})
    assert _collect(uid) == f"{new} new, 0 changed, 0 gone"


def test_the_same_day_is_that_of_the_users_own_clock(uid: str) -> None:
    users.change(uid=uid, time_zone="Asia/Tokyo")  # where it is Saturday by then
    edit.add_action_item(uid=uid, description=MILK, due_at=FRIDAY)
    _agreed(uid, {"description": MILK, "due_at": FRIDAY - timedelta(hours=12)})
    assert _collect(uid) == "1 new, 0 changed, 0 gone"


def test_other_words_of_a_run_for_what_was_ticked_off_are_not_new(uid: str) -> None:
    _agreed(uid, MILK)
    _collect(uid)
    edit.complete_action_item(uid=uid, action_item_id=_list(uid)[MILK].id, completed=True)
    assert _collect(uid, _again(uid, "Buy bread and milk")) == "0 new, 0 changed, 0 gone"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"is_locked": True}, "locked"),
        ({"status": "processing"}, "superseded"),
        ({"run": 2}, "superseded"),
        ({"discarded": True}, "0 new, 0 changed, 0 gone"),
    ],
    ids=["locked", "processing", "another run", "discarded"],
)
def test_what_is_not_done_or_not_kept_gives_nothing(uid: str, fields: dict[str, Any], outcome: str) -> None:
    _agreed(uid, MILK, **fields)
    assert _collect(uid) == outcome
    assert _list(uid) == {}


def test_of_a_conversation_that_is_gone_or_an_account_that_goes_nothing_is_left(uid: str) -> None:
    _agreed(uid, MILK)
    account_deletions.DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now()))
    assert _collect(uid) == "deleted"
    account_deletions.DELETIONS.delete(uid)
    delete_conversation(uid=uid, conversation_id="c1")
    assert _collect(uid) == "deleted"
    assert _list(uid) == {}


def test_a_conversation_that_is_deleted_meanwhile_leaves_nothing_on_the_list(uid: str, words: WordEmbedder) -> None:
    edit.add_action_item(uid=uid, description="Water the plants")
    _agreed(uid, MILK)
    words.before = lambda: delete_conversation(uid=uid, conversation_id="c1", cascade=True)
    assert _collect(uid) == "superseded"
    assert set(_list(uid)) == {"Water the plants"}


def test_conversations_that_end_at_once_put_the_same_on_the_list_once(uid: str, words: WordEmbedder) -> None:
    edit.add_action_item(uid=uid, description="Water the plants")
    ids = [f"c{number}" for number in range(3)]
    for each in ids:
        _agreed(uid, MILK, conversation_id=each)
    together = threading.Barrier(len(ids))

    def wait_for_the_others() -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(2)
        together.abort()

    words.before = wait_for_the_others
    with ThreadPoolExecutor(len(ids)) as pool:
        told = list(pool.map(lambda each: _collect(uid, conversation_id=each), ids))
    assert sorted(told) == ["0 new, 0 changed, 0 gone"] * 2 + ["1 new, 0 changed, 0 gone"]
    assert sorted(_list(uid)) == [MILK, "Water the plants"]
    assert len(action_items.list_page(Filters(), uid=uid, limit=10)[0]) == 2


def test_two_deliveries_at_once_write_the_same_once(uid: str, words: WordEmbedder) -> None:
    edit.add_action_item(uid=uid, description="Water the plants")
    _agreed(uid, MILK, CALL)
    words.before = threading.Barrier(2, timeout=10).wait
    outcomes: list[str] = []

    def deliver() -> None:
        try:
            outcomes.append(_collect(uid))
        except RetryableError:
            outcomes.append("come again")

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert "2 new, 0 changed, 0 gone" in outcomes
    assert len(outcomes) == 2
    assert len(action_items.list_page(Filters(), uid=uid, limit=10)[0]) == 3
