"""Deleting an account deletes everything of this user, proves it, and touches nobody else's."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from common.accounts import deletion
from common.accounts.deletion import LOOK_AGAIN_S, delete_account, request_deletion
from common.core import clock
from common.core.errors import RetryableError
from common.core.settings import settings
from common.database import account, api_keys, apps, audio_blocks, cache, installs, task_grants, users
from common.database.account_deletions import DELETIONS
from common.database.account_part import Part
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client, redis_client
from common.models.account_deletion import AccountDeletion, DeletionState
from common.models.events import DeleteAccount
from common.models.task_grant import TaskGrant
from tests.support import everything
from tests.support.making import a_block
from tests.support.stores import Stores
from tests.support.task_services import CLIENT_ID, CLIENT_SECRET, serving
from tests.wire.accounts.owning import own_something_everywhere


@pytest.fixture(autouse=True)
def impatient(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works in the background here, so nothing is waited for."""
    assert stores
    without = settings().model_copy(update={"answer_wait_s": 0.0})
    monkeypatch.setattr(deletion, "settings", lambda: without)


def _of(uid: str, found: Any) -> list[str]:
    return sorted(name for name in found if uid in name)


def _noted(uid: str) -> set[str]:
    """What Redis holds under a name with the user's in it, or one that begins the same."""
    client = redis_client()
    assert client is not None
    return set(client.scan_iter(f"*{uid}*"))


def _later(uid: str) -> None:
    """Let the time between two looks pass."""
    clean_at = clock.now() - clock.duration(LOOK_AGAIN_S)
    DELETIONS.change(uid, lambda known: known.model_copy(update={"clean_at": clean_at}))


def test_everything_goes_and_the_neighbour_whose_name_begins_the_same_keeps_all(uid: str) -> None:
    other = f"{uid}-2"
    key, kept = own_something_everywhere(uid), own_something_everywhere(other)
    assert api_keys.find_by_secret(KeyKind.DEVELOPER, key) is not None, "and it is noted"
    assert users.display_name(uid=uid)
    cache.remember_live(uid=uid, conversation_id="c2")
    assert installs.enabled_ids(uid=uid)
    assert len(_noted(uid) - _noted(other)) > 3
    documents, objects, vectors = everything.documents(), everything.objects(), everything.vectors()
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))

    known = DELETIONS.get(uid)
    assert (known.state, known.left) == (DeletionState.SETTLING, {})
    assert {part.name for part in account.parts()} - known.deleted.keys() <= {"thumbnails"}
    assert all(part.count(uid) == 0 for part in account.parts())

    def others(names: Any) -> set[str]:
        return {name for name in names if other in name}

    assert _of(uid, set(everything.objects()) - others(everything.objects())) == []
    assert _of(uid, set(everything.vectors()) - others(everything.vectors())) == []
    left = {path: fields for path, fields in everything.documents().items() if other not in path}
    assert [path for path, fields in left.items() if uid in str((path, fields)).replace(other, "")] == [
        f"account_deletions/{uid}"
    ]
    assert others(everything.objects()) == others(objects)
    assert others(everything.vectors()) == others(vectors)
    for path, fields in documents.items():
        if path.startswith((f"users/{other}", f"plugins_data/app-{other}", f"plugins_data/everybodys/reviews/{other}")):
            assert everything.documents()[path] == fields
    assert api_keys.find_by_secret(KeyKind.DEVELOPER, key) is None
    assert api_keys.find_by_secret(KeyKind.DEVELOPER, kept) is not None
    assert _noted(uid) <= _noted(other)
    assert users.display_name(uid=uid) == ""


def test_the_apps_of_others_count_without_this_user(uid: str) -> None:
    own_something_everywhere(f"{uid}-2")
    before = apps.get("everybodys")
    own_something_everywhere(uid)
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))
    after = apps.get("everybodys")
    assert (after.installs, after.rating_count, after.rating_avg) == (before.installs, before.rating_count, 4.0)
    assert [review.uid for review in after.reviews] == [review.uid for review in before.reviews]


def test_it_ends_when_a_later_look_finds_nothing(uid: str) -> None:
    own_something_everywhere(uid)
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))
    counted = DELETIONS.get(uid).deleted
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).state is DeletionState.SETTLING, "too early"
    _later(uid)
    delete_account(DeleteAccount(uid=uid))
    ended = DELETIONS.get(uid)
    assert (ended.state, ended.deleted, ended.looks) == (DeletionState.DONE, counted, 3)
    assert ended.finished_at is not None
    assert ended.expire_at is not None
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid) == ended


def test_what_followers_and_devices_write_meanwhile_is_found_by_the_next_look(uid: str) -> None:
    own_something_everywhere(uid)
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))
    users.reference(uid=uid).collection("index_leases").document("c1").set({"dirtied": 1})
    audio_blocks.put(a_block(5, 10), b"audio", uid=uid, conversation_id="c2")
    _later(uid)
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).state is DeletionState.SETTLING, "it found something"
    assert all(part.count(uid) == 0 for part in account.parts())
    _later(uid)
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).state is DeletionState.DONE


def test_a_look_that_breaks_off_is_gone_on_with(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own_something_everywhere(uid)
    request_deletion(uid=uid)

    def fail(*_: Any) -> list[Any]:
        raise ConnectionError

    whole = account.parts()
    monkeypatch.setattr(account, "parts", lambda: (*whole[:5], Part("broken", fail, print), *whole[5:]))
    with pytest.raises(ConnectionError):
        delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).state is DeletionState.RUNNING
    monkeypatch.setattr(account, "parts", lambda: whole)
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).state is DeletionState.SETTLING
    assert all(part.count(uid) == 0 for part in whole)


def test_what_cannot_be_deleted_is_counted_and_asked_for_again(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request_deletion(uid=uid)
    stubborn = Part("stubborn", lambda _uid, _limit: ["x", "y"], lambda _: None)
    monkeypatch.setattr(account, "parts", lambda: (stubborn,))
    with pytest.raises(RetryableError):
        delete_account(DeleteAccount(uid=uid))
    assert (DELETIONS.get(uid).state, DELETIONS.get(uid).left) == (DeletionState.RUNNING, {"stubborn": 2})


def test_many_documents_are_deleted_in_portions(uid: str) -> None:
    for number in range(3):
        batch = firestore_client().batch()
        for each in range(300):
            batch.set(users.reference(uid=uid).collection(f"many{number}").document(f"{each:03d}"), {"a": 1})
        batch.commit()
    request_deletion(uid=uid)
    delete_account(DeleteAccount(uid=uid))
    assert DELETIONS.get(uid).deleted["documents"] == 900


class TestAsking:
    """The request is kept before anything is deleted, and may come twice."""

    def test_nobody_is_deleted_who_did_not_ask(self, uid: str) -> None:
        users.change(uid=uid, name="Ann")
        delete_account(DeleteAccount(uid=uid))
        assert users.find(uid=uid).name == "Ann"

    def test_asking_arranges_the_work_at_once_and_a_look_the_next_one(self, stores: Stores, uid: str) -> None:
        def tasks() -> int:
            asked = [request for request in stores.tasks.received if uid in request.content.decode()]
            waiting = [task for task in stores.waiting_tasks() if uid in task.http_request.body.decode()]
            return len(asked) + len(waiting)

        assert request_deletion(uid=uid).state is DeletionState.RUNNING
        assert tasks() == 1
        for _ in range(3):
            delete_account(DeleteAccount(uid=uid))
        assert tasks() in {2, 3}, "one per stretch of time, and the stretch may have ended in between"

    def test_asking_again_begins_again_and_keeps_the_count(self, uid: str) -> None:
        users.change(uid=uid, name="Ann")
        request_deletion(uid=uid)
        delete_account(DeleteAccount(uid=uid))
        users.change(uid=uid, name="Ann")
        again = request_deletion(uid=uid)
        assert (again.state, again.looks, again.deleted) == (DeletionState.RUNNING, 0, {"documents": 1})
        delete_account(DeleteAccount(uid=uid))
        assert DELETIONS.get(uid).deleted == {"documents": 2}

    def test_looks_come_to_an_end(self, uid: str) -> None:
        users.change(uid=uid, name="Ann")
        DELETIONS.put(AccountDeletion(id=uid, requested_at=clock.now() - timedelta(days=1), looks=deletion.MOST_LOOKS))
        delete_account(DeleteAccount(uid=uid))
        assert users.find(uid=uid).name == "Ann"

    def test_who_waits_is_answered_once_nothing_is_left(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        own_something_everywhere(uid)
        monkeypatch.setattr(deletion, "settings", settings)
        answers: list[AccountDeletion] = []
        asking = threading.Thread(target=lambda: answers.append(request_deletion(uid=uid)))
        asking.start()
        while DELETIONS.find(uid) is None:
            clock.pause(1)
        delete_account(DeleteAccount(uid=uid))
        asking.join(10)
        assert [answer.state for answer in answers] == [DeletionState.SETTLING]


def test_what_let_us_in_at_task_services_is_given_back(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as services:
        known = {"task_apps_address": services.address, "todoist_client_id": CLIENT_ID}
        secret = {"todoist_client_secret": SecretStr(CLIENT_SECRET)}
        mended = settings().model_copy(update=known | secret)
        monkeypatch.setattr("common.action_items.elsewhere.services.settings", lambda: mended)
        task_grants.of(uid=uid).put(TaskGrant(id="todoist", access_token="theirs"))  # noqa: S106 - of a test
        request_deletion(uid=uid)
        delete_account(DeleteAccount(uid=uid))
    assert [each.body for each in services.revoked] == [{"token": "theirs", "token_type_hint": "access_token"}]
    assert task_grants.of(uid=uid).find("todoist") is None
