"""The graph of what is known of a user, over real HTTP."""

import httpx

from common.database import memories, people, users
from common.memories.edit import add_memory, delete_memory, review_memory
from tests.wire.api.conftest import ApiAs

GRAPH = "/v1/knowledge-graph"
EMPTY: dict[str, list[str]] = {"nodes": [], "edges": []}


def _labels(api: httpx.Client) -> set[str]:
    return {node["label"] for node in api.get(GRAPH).json()["nodes"]}


def test_it_follows_what_is_remembered_and_is_the_users_alone(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    assert api.get(GRAPH).json() == EMPTY
    users.change(uid=uid, name="Ann")
    people.get_or_create(uid=uid, name="Tom")
    rome = add_memory(uid=uid, content="Ann travels to Rome with Tom", manual=True)
    graph = api.get(GRAPH).json()
    assert {(node["label"], node["node_type"]) for node in graph["nodes"]} == {
        ("Ann", "person"),
        ("Rome", "place"),
        ("Tom", "person"),
    }
    [edge] = [edge for edge in graph["edges"] if edge["label"] == "travels to"]
    ids = {node["label"]: node["id"] for node in graph["nodes"]}
    assert (edge["source_id"], edge["target_id"], edge["memory_ids"]) == (ids["Ann"], ids["Rome"], [rome.id])
    assert api_as(f"{uid}-2").get(GRAPH).json() == EMPTY
    delete_memory(uid=uid, memory_id=rome.id)
    assert api.get(GRAPH).json() == EMPTY


def test_what_is_deleted_stays_so_until_it_is_rebuilt_and_no_memory_is_lost(api: httpx.Client, uid: str) -> None:
    add_memory(uid=uid, content="User lives in Lisbon", manual=True)
    assert api.delete(GRAPH).json() == {"status": "deleted"}
    assert api.get(GRAPH).json() == EMPTY
    add_memory(uid=uid, content="User plays tennis", manual=True)
    assert _labels(api) == {"You", "tennis"}
    answer = api.post(f"{GRAPH}/rebuild?limit=500", content=b"", headers={"Content-Type": "application/json"})
    assert answer.json() == {"status": "completed", "nodes_count": 3, "edges_count": 2}
    assert _labels(api) == {"You", "tennis", "Lisbon"}
    assert len(memories.list_best(uid=uid, limit=10)) == 2


def test_what_is_not_true_or_locked_is_not_drawn(api: httpx.Client, uid: str) -> None:
    wrong = add_memory(uid=uid, content="User lives in Paris", manual=True)
    review_memory(uid=uid, memory_id=wrong.id, value=False)
    locked = add_memory(uid=uid, content="User owns a boat", manual=True)
    memories.of(uid=uid).reference(locked.id).update({"is_locked": True})
    assert api.get(GRAPH).json() == EMPTY
