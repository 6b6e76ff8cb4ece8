"""Who may read a conversation, and what strangers see of it."""

from typing import Any

import httpx
import pytest

from common.database import conversations, shares
from common.database.clients import firestore_client
from tests.support.making import NOON, a_conversation, a_segment
from tests.wire.api.conftest import ApiAs

pytestmark = pytest.mark.usefixtures("stores")


def _create(uid: str, **fields: Any) -> str:
    conversation_id = f"c-{uid}"
    conversations.create(a_conversation(**{"id": conversation_id, "status": "completed", **fields}), uid=uid)
    return f"/v1/conversations/{conversation_id}"


def _share(api: httpx.Client, path: str, value: str = "shared") -> None:
    answer = api.patch(f"{path}/visibility?value={value}", content=b"", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})


class TestReading:
    """Only what is shared, and of that only what is not its owner's alone."""

    def test_strangers_see_names_and_nothing_that_leads_to_a_person_or_place(
        self, api: httpx.Client, anybody: httpx.Client, uid: str
    ) -> None:
        people = firestore_client().collection("users", uid, "people")
        people.document("p-ada").set({"name": "Ada", "created_at": NOON, "updated_at": NOON})
        path = _create(
            uid,
            transcript_segments=[
                a_segment("Hello", 0, 1, is_user=True),
                a_segment("Hi", 1, 2, person_id="p-ada", speaker="SPEAKER_01"),
                a_segment("Hm", 2, 3, speaker="SPEAKER_02"),
            ],
            geolocation={"latitude": 1.0, "longitude": 2.0, "address": "Secret Street"},
            external_data={"secret": "payload"},
            client_device_id="secret-device",
            photos=[{"id": "p", "base64": "aA==", "storage_id": "secret-object", "created_at": NOON}],
            apps_results=[{"app_id": "a", "content": "A summary"}],
            folder_id="secret-folder",
            user_title="Ours",
        )
        _share(api, path)
        answer = anybody.get(f"{path}/shared")
        assert answer.status_code == 200
        seen = answer.json()
        assert [each["speaker_name"] for each in seen["transcript_segments"]] == ["Owner", "Ada", "Speaker 2"]
        assert [each["text"] for each in seen["transcript_segments"]] == ["Hello", "Hi", "Hm"]
        for hidden in ("ecret", "p-ada", "geolocation", "external_data", "person_id", "storage_id", "run", uid + '"'):
            assert hidden not in answer.text.replace(f'"id":"c-{uid}"', "")
        assert seen["photos"][0]["base64"] == "aA=="
        assert seen["plugins_results"] == [{"plugin_id": "a", "content": "A summary"}]
        assert seen["visibility"] == "shared"

    @pytest.mark.parametrize("value", ["shared", "public"])
    def test_it_can_be_taken_back(self, api: httpx.Client, anybody: httpx.Client, uid: str, value: str) -> None:
        path = _create(uid)
        assert anybody.get(f"{path}/shared").status_code == 404
        _share(api, path, value)
        assert anybody.get(f"{path}/shared").status_code == 200
        assert api.get(path).json()["visibility"] == value
        _share(api, path, "private")
        assert anybody.get(f"{path}/shared").status_code == 404
        assert shares.shares().find(path.rpartition("/")[2]) is None

    def test_deleting_takes_it_back(self, api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
        path = _create(uid)
        _share(api, path)
        api.delete(path)
        assert anybody.get(f"{path}/shared").status_code == 404
        assert shares.shares().find(path.rpartition("/")[2]) is None

    def test_what_was_locked_afterwards_is_not_told(self, api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
        path = _create(uid)
        _share(api, path)
        conversations.reference(uid=uid, conversation_id=path.rpartition("/")[2]).update({"is_locked": True})
        answer = anybody.get(f"{path}/shared")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})

    @pytest.mark.parametrize("conversation_id", ["never", "__x__", "%00", "x" * 1600])
    def test_an_id_that_does_not_or_cannot_exist_is_404(self, anybody: httpx.Client, conversation_id: str) -> None:
        assert anybody.get(f"/v1/conversations/{conversation_id}/shared").status_code == 404


class TestChanging:
    """Only its owner, only to what there is."""

    def test_only_the_owner_says_who_may_read_it(self, api_as: ApiAs, anybody: httpx.Client, uid: str) -> None:
        path = _create(uid)
        assert api_as(f"{uid}-other").patch(f"{path}/visibility?value=public").status_code == 404
        assert anybody.patch(f"{path}/visibility?value=public").status_code == 401
        assert anybody.get(f"{path}/shared").status_code == 404

    def test_what_was_made_without_credit_cannot_be_shared(self, api: httpx.Client, uid: str) -> None:
        assert api.patch(f"{_create(uid, is_locked=True)}/visibility?value=public").status_code == 402

    @pytest.mark.parametrize("query", ["", "value=", "value=friends"])
    def test_other_values_are_422(self, api: httpx.Client, uid: str, query: str) -> None:
        assert api.patch(f"{_create(uid)}/visibility?{query}").status_code == 422

    def test_nobody_takes_over_the_address_of_anothers_conversation(
        self, api: httpx.Client, api_as: ApiAs, anybody: httpx.Client, uid: str
    ) -> None:
        path = _create(uid, structured={"title": "Mine"})
        _share(api, path)
        thief = api_as(f"{uid}-thief")
        conversations.create(
            a_conversation(id=f"c-{uid}", status="completed", structured={"title": "Forged"}), uid=f"{uid}-thief"
        )
        assert thief.patch(f"{path}/visibility?value=public").status_code == 409
        assert thief.patch(f"{path}/visibility?value=private").status_code == 200
        assert thief.delete(path).status_code == 204
        assert anybody.get(f"{path}/shared").json()["structured"]["title"] == "Mine"
