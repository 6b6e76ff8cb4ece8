"""`/v2/messages/share` over HTTP: what a user shows of the chat, to whom, and for how long."""

from datetime import timedelta

import httpx
import pytest

from common.core import clock
from common.database import messages, token_shares, users
from common.database.clients import firestore_client
from common.models.chat import Message, MessageSender
from tests.support.making import at
from tests.wire.api.conftest import ApiAs

PATH = "/v2/messages"


def _said(uid: str, message_id: str, text: str, *, second: float, sender: str = "ai") -> str:
    messages.add(
        Message(id=message_id, text=text, created_at=at(second), sender=MessageSender(sender), memories_id=["private"]),
        uid=uid,
    )
    return message_id


def _share(api: httpx.Client, *message_ids: str) -> dict[str, str]:
    answer = api.post(f"{PATH}/share", json={"message_ids": message_ids})
    assert answer.status_code == 200, answer.text
    shared: dict[str, str] = answer.json()
    return shared


def test_whoever_has_the_address_reads_the_messages_chosen_in_their_order(
    api: httpx.Client, anybody: httpx.Client, uid: str
) -> None:
    users.change(uid=uid, name="Ann")
    question = _said(uid, "q", "What did I promise?", second=1, sender="human")
    answer = _said(uid, "a", "An offer, by Friday.", second=2)
    _said(uid, "other", "Something private", second=3)
    shared = _share(api, answer, question, question)
    assert shared["url"].endswith(f"/v2/messages/shared/{shared['token']}")
    read = anybody.get(shared["url"])
    assert read.status_code == 200
    assert read.json() == {
        "sender_name": "Ann",
        "messages": [
            {"id": "q", "text": "What did I promise?", "sender": "human", "created_at": "2026-05-04T12:00:01Z"},
            {"id": "a", "text": "An offer, by Friday.", "sender": "ai", "created_at": "2026-05-04T12:00:02Z"},
        ],
        "count": 2,
    }


def test_what_was_deleted_or_reported_since_is_not_shown(api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
    token = _share(api, _said(uid, "a", "Bad advice", second=1), _said(uid, "b", "Good advice", second=2))["token"]
    assert api.post(f"{PATH}/a/report").status_code == 200
    assert [each["id"] for each in anybody.get(f"{PATH}/shared/{token}").json()["messages"]] == ["b"]
    assert api.delete(PATH).status_code == 200
    assert anybody.get(f"{PATH}/shared/{token}").json()["messages"] == []


def test_only_ones_own_visible_messages_are_shared(api: httpx.Client, uid: str) -> None:
    mine = _said(uid, "a", "Mine", second=1)
    _said(f"{uid}-other", "theirs", "Theirs", second=1)
    for wrong in (["theirs"], [mine, "theirs"], ["nothing"], ["a/b"]):
        assert api.post(f"{PATH}/share", json={"message_ids": wrong}).status_code == 404, wrong
    api.post(f"{PATH}/a/report")
    assert api.post(f"{PATH}/share", json={"message_ids": [mine]}).status_code == 404


@pytest.mark.parametrize("wrong", [{}, {"message_ids": []}, {"message_ids": ["x"] * 101}, {"message_ids": "a"}])
def test_what_is_no_choice_of_messages_is_refused(api: httpx.Client, wrong: dict[str, object]) -> None:
    assert api.post(f"{PATH}/share", json=wrong).status_code == 422


def test_a_token_shows_one_kind_of_thing(api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str) -> None:
    item = api.post("/v1/action-items", json={"description": "Call the landlord"}).json()["id"]
    of_items = api.post("/v1/action-items/share", json={"task_ids": [item]}).json()["token"]
    of_messages = _share(api, _said(uid, "a", "Mine", second=1))["token"]
    assert anybody.get(f"{PATH}/shared/{of_items}").status_code == 404
    assert anybody.get(f"/v1/action-items/shared/{of_messages}").status_code == 404
    accepted = api_as(f"{uid}-other").post("/v1/action-items/accept", json={"token": of_messages})
    assert accepted.status_code == 404


def test_after_its_time_a_share_is_gone(api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
    token = _share(api, _said(uid, "a", "Mine", second=1))["token"]
    share = token_shares.get_of_messages(token)
    firestore_client().document("shares", share.id).update({"expire_at": clock.now() - timedelta(seconds=1)})
    assert anybody.get(f"{PATH}/shared/{token}").status_code == 404
    assert anybody.get(f"{PATH}/shared/nothing").status_code == 404
