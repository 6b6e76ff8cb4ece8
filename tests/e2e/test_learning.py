"""What somebody says of themselves, and promises, is on their lists when the conversation is done."""

from typing import Any

import httpx
import pytest

from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

TEXT = (
    "It was good to talk about the move. I live in Lisbon with my two daughters, and I'm allergic to peanuts. "
    "I will send the signed lease to the landlord by Friday. The weather was fine and the coffee was good."
)


def test_a_text_that_is_handed_over_teaches_facts_and_gives_tasks_that_stay_deleted(cloud: RunningCloud) -> None:
    with cloud.client("learning-user") as api, httpx.Client(base_url=cloud.url, timeout=60.0) as program:
        scopes = ["conversations:write", "memories:read"]
        key = api.post("/v1/dev/keys", json={"name": "laptop", "scopes": scopes}).json()["key"]
        answer = program.post(
            "/v1/dev/user/conversations", json={"text": TEXT}, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200, answer.text
        conversation_id = answer.json()["id"]

        learned = eventually(lambda: _enough(api, "/v3/memories", 2), within_s=60, what="two memories")
        assert {memory["content"] for memory in learned} == {
            "User lives in Lisbon with their two daughters",
            "User is allergic to peanuts",
        }
        assert {memory["conversation_id"] for memory in learned} == {conversation_id}
        [task] = eventually(lambda: _tasks(api), within_s=30, what="a task")
        assert "lease" in task["description"]
        assert task["conversation_id"] == conversation_id

        allergy = next(memory["id"] for memory in learned if "peanuts" in memory["content"])
        assert api.delete(f"/v3/memories/{allergy}").status_code < 300
        again = api.post(f"/v1/conversations/{conversation_id}/reprocess")
        assert again.status_code == 200, again.text
        eventually(lambda: _is_learned(cloud, conversation_id, run=2), within_s=60, what="the second lesson")
        contents = [memory["content"] for memory in api.get("/v3/memories").json()]
        assert contents == ["User lives in Lisbon with their two daughters"]
        assert [each["id"] for each in _tasks(api)] == [task["id"]]


def _is_learned(cloud: RunningCloud, conversation_id: str, *, run: int) -> bool:
    name = f"extract_memories:{conversation_id}:{run}"
    claim = cloud.inside.firestore.document("users", "learning-user", "claims", name).get().to_dict() or {}
    return bool(claim.get("state") == "done")


def _enough(api: httpx.Client, path: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(path).json()
    return found if len(found) >= count else []


def _tasks(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v1/action-items").json()["action_items"]
    return found
