"""`/v1/users/shares` over HTTP: what a user shows to whoever has a token, and how it is taken back."""

from datetime import timedelta

import httpx
import pytest

from common.core import clock
from common.database import messages
from common.database.clients import firestore_client
from common.models.chat import Message, MessageSender
from tests.support.everything import documents_below
from tests.support.making import at
from tests.wire.api.conftest import ApiAs

PATH = "/v1/users/shares"


def _share_message(api: httpx.Client, uid: str) -> str:
    """The address."""
    messages.add(Message(id="m", text="An offer", created_at=at(1), sender=MessageSender.AI), uid=uid)
    return str(api.post("/v2/messages/share", json={"message_ids": ["m"]}).json()["url"])


def _share_items(api: httpx.Client) -> str:
    """The address."""
    items = [api.post("/v1/action-items", json={"description": text}).json()["id"] for text in ("Call", "Write")]
    return str(api.post("/v1/action-items/share", json={"task_ids": items}).json()["url"])


def test_what_is_shown_is_listed_without_its_tokens(api: httpx.Client, uid: str) -> None:
    assert api.get(PATH).json() == []
    urls = [_share_message(api, uid), _share_items(api)]
    answer = api.get(PATH)
    assert [(each["kind"], each["count"]) for each in answer.json()] == [("action_items", 2), ("messages", 1)]
    assert not any(url.rpartition("/")[2] in answer.text for url in urls)
    for each in answer.json():
        assert each["created_at"] < each["expires_at"]


@pytest.mark.parametrize("by", ["id", "token"])
def test_what_is_taken_back_is_shown_to_nobody_any_more(
    api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str, by: str
) -> None:
    url, other = _share_items(api), _share_message(api, uid)
    token = url.rpartition("/")[2]
    friend = api_as(f"{uid}-friend")
    assert friend.post("/v1/action-items/accept", json={"token": token}).json()["count"] == 2
    [listed] = [each for each in api.get(PATH).json() if each["kind"] == "action_items"]
    wanted = listed["id"] if by == "id" else token
    assert api.delete(f"{PATH}/{wanted}").json() == {"status": "ok"}
    assert anybody.get(url).status_code == 404
    late = api_as(f"{uid}-late").post("/v1/action-items/accept", json={"token": token})
    assert (late.status_code, late.json()) == (404, {"detail": "Share not found"})
    assert documents_below(firestore_client().document("shares", listed["id"])) == {f"shares/{listed['id']}": {}}
    assert len(friend.get("/v1/action-items").json()["action_items"]) == 2, "what was taken over stays"
    assert anybody.get(other).status_code == 200
    assert [each["kind"] for each in api.get(PATH).json()] == ["messages"]
    assert api.delete(f"{PATH}/{wanted}").status_code == 404


def test_nobody_takes_back_what_somebody_else_shows(
    api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str
) -> None:
    url = _share_message(api, uid)
    other = api_as(f"{uid}-other")
    [listed] = api.get(PATH).json()
    for each in (listed["id"], url.rpartition("/")[2], "nothing", "__x__", "%00", "x" * 1600):
        assert other.delete(f"{PATH}/{each}").status_code == 404, each
    assert anybody.delete(f"{PATH}/{listed['id']}").status_code == 401
    assert other.get(PATH).json() == []
    assert anybody.get(url).status_code == 200


def test_what_is_over_is_not_listed(api: httpx.Client, uid: str) -> None:
    _share_message(api, uid)
    [listed] = api.get(PATH).json()
    firestore_client().document("shares", listed["id"]).update({"expire_at": clock.now() - timedelta(seconds=1)})
    assert api.get(PATH).json() == []
