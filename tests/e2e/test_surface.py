"""The whole surface in the running cloud: what one request begins, functions bring to its end."""

from functools import partial
from typing import Any

import httpx

from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually

TEXT = "Anna will send the offer to the bakery by Friday. We agreed to open the shop in May and to hire two bakers."


def _program(cloud: RunningCloud, app: httpx.Client, kind: str, **body: Any) -> httpx.Client:
    key = app.post(f"/v1/{kind}/keys", json={"name": "e2e", **body}).json()["key"]
    return httpx.Client(base_url=cloud.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def _vectors(cloud: RunningCloud, uid: str) -> int:
    """How many of a user's facts and tasks can be found."""
    return sum(len(cloud.inside.vector_ids(namespace, f"{uid}-")) for namespace in ("ns2", "ns4"))


def test_facts_and_tasks_are_found_by_their_meaning_until_they_are_deleted(cloud: RunningCloud) -> None:
    with cloud.client("surface-facts") as app, _program(cloud, app, "mcp") as mcp:
        memory = app.post("/v3/memories", json={"content": "Owns a bakery near the railway station"}).json()
        app.post("/v3/memories", json={"content": "Plays the cello in a quartet"})
        item = app.post("/v1/action-items", json={"description": "Order flour for the bakery"}).json()
        app.post("/v1/action-items", json={"description": "Tune the cello"})

        def memories() -> list[str]:
            found = mcp.get("/v1/mcp/memories/search", params={"query": "bread shop"}).json()
            return [each["id"] for each in found]

        def items() -> list[str]:
            found = app.get("/v1/action-items/search", params={"query": "bread shop"}).json()
            return [each["id"] for each in found]

        eventually(lambda: memories()[:1] == [memory["id"]], within_s=60, what="the memory is found first")
        eventually(lambda: items()[:1] == [item["id"]], within_s=60, what="the action item is found first")
        assert app.delete(f"/v3/memories/{memory['id']}").status_code == 200
        assert app.delete(f"/v1/action-items/{item['id']}").status_code == 204
        assert memory["id"] not in memories()
        assert item["id"] not in items()
        eventually(lambda: _vectors(cloud, "surface-facts") == 2, within_s=30, what="a vector of each kind left")


def test_conversations_from_text_are_answered_whole_and_become_one(cloud: RunningCloud) -> None:
    with cloud.client("surface-text") as app, _program(cloud, app, "dev", scopes=["conversations:write"]) as program:
        made = [
            program.post("/v1/dev/user/conversations", json={"text": f"{TEXT} {number}", "started_at": day}).json()
            for number, day in enumerate(("2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z"))
        ]
        assert [each["status"] for each in made] == ["completed", "completed"]
        ids = [each["id"] for each in made]
        merging = app.post("/v1/conversations/merge", json={"conversation_ids": ids})
        assert (merging.status_code, merging.json()["status"]) == (200, "merging")

        def merged() -> dict[str, Any] | None:
            listed = app.get("/v1/conversations").json()
            done = len(listed) == 1 and listed[0]["status"] == "completed" and listed[0]["id"] not in ids
            return dict(listed[0]) if done else None

        one = eventually(merged, within_s=60, what="one conversation")
        assert one["started_at"] == "2026-05-04T10:00:00Z"
        said = " ".join(segment["text"] for segment in one["transcript_segments"])
        assert said.count("bakery") == 2
        assert {app.get(f"/v1/conversations/{each}").status_code for each in ids} == {404}


def test_the_chat_answers_in_a_stream_from_what_was_said(cloud: RunningCloud) -> None:
    with cloud.client("surface-chat") as app, _program(cloud, app, "dev", scopes=["conversations:write"]) as program:
        program.post("/v1/dev/user/conversations", json={"text": TEXT})
        question = {"text": "What did Anna promise the bakery?"}

        def answer() -> str | None:
            streamed = app.post("/v2/messages", json=question | {"client_message_id": str(len(asked))}).text
            asked.append(streamed)
            return streamed if "offer" in streamed else None

        asked: list[str] = []
        streamed = eventually(answer, within_s=60, what="an answer that quotes")
        blocks = [block.partition(": ")[0] for block in streamed.strip().split("\n\n")]
        assert blocks[-1] == "done"
        assert "data" in blocks
        assert [each["sender"] for each in app.get("/v2/messages").json()][:2] == ["ai", "human"]


def test_nothing_is_left_of_a_user_who_wants_to_go(cloud: RunningCloud) -> None:
    inside = cloud.inside
    for uid in ("surface-ann", "surface-ann-2"):
        with cloud.client(uid) as app:
            app.post("/v3/memories", json={"content": "Owns a bakery"})
            app.post("/v1/action-items", json={"description": "Order flour"})
        eventually(partial(_vectors, cloud, uid), within_s=60, what="a vector")
    with cloud.client("surface-ann") as app:
        assert app.request("DELETE", "/v1/users/delete-account").status_code == 200
        eventually(
            lambda: (
                not list(inside.firestore.collection("users", "surface-ann", "memories").limit(1).stream())
                and not [each for each in inside.vector_ids("ns2", "surface-ann-") if "surface-ann-2" not in each]
            ),
            within_s=60,
            what="nothing of Ann",
        )
        assert app.get("/v3/memories").json() == []
    with cloud.client("surface-ann-2") as other:
        assert len(other.get("/v3/memories").json()) == 1
    assert inside.vector_ids("ns2", "surface-ann-2-")
