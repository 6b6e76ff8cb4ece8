"""What the real service refuses is refused in its form: status, gRPC code and a message."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pinecone import ApiError, Index

Reply = dict[str, Any]
FINE = {"id": "a", "values": [1.0, 0.0, 0.0]}


@pytest.fixture
def raw(address: str) -> Iterator[httpx.Client]:
    """Sends what the client would not let through."""
    with httpx.Client(base_url=address, headers={"Api-Key": "local"}) as http:
        yield http


def _refusal(response: httpx.Response, status: int = 400, code: int = 3) -> str:
    body = response.json()
    assert response.status_code == status, body
    assert (body["code"], body["details"]) == (code, [])
    return str(body["message"])


def test_no_key_is_unauthenticated(address: str) -> None:
    answer = httpx.post(f"{address}/query", json={"topK": 1, "vector": [1, 0, 0]})
    assert "API key" in _refusal(answer, status=401, code=16)


def test_the_client_raises_its_own_errors(dense: Index) -> None:
    with pytest.raises(ApiError, match="Vector dimension 2 does not match the dimension of the index 3") as caught:
        dense.upsert(vectors=[("a", [1.0, 2.0])])
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"values": [1, 0, 0]}, "Vector ID must be"),
        ({"id": "", "values": [1, 0, 0]}, "Vector ID must be"),
        ({"id": "x" * 513, "values": [1, 0, 0]}, "too long"),
        ({"id": "é", "values": [1, 0, 0]}, "ASCII"),
        ({"id": "a\x00", "values": [1, 0, 0]}, "ASCII"),
        ({"id": "a"}, "dimension 0"),
        ({"id": "a", "values": [0, 0, 0]}, "Vector ID 'a' contains only zeros"),
        ({"id": "a", "values": [1, None, 0]}, "list of numbers"),
        ({"id": "a", "values": [1, True, 0]}, "list of numbers"),
        ({"id": "a", "values": "abc"}, "list of numbers"),
        ({"id": "a", "values": [1e39, 0, 0]}, "finite"),
        ({"id": "a", "values": [10**400, 0, 0]}, "finite"),
        ({**FINE, "metadata": {"x": None}}, "got 'null...' for field 'x'"),
        ({**FINE, "metadata": {"x": {"y": 1}}}, "for field 'x'"),
        ({**FINE, "metadata": {"x": [1, 2]}}, "for field 'x'"),
        ({**FINE, "metadata": ["x"]}, "Metadata must be an object"),
        ({**FINE, "metadata": {"x": "y" * 41_000}}, "exceeds the limit of 40960 bytes"),
        ({**FINE, "sparseValues": {"indices": [1, 1], "values": [1, 2]}}, "duplicate"),
        ({**FINE, "sparseValues": {"indices": [1], "values": [1, 2]}}, "mismatch"),
        ({**FINE, "sparseValues": {"indices": [-1], "values": [1]}}, "unsigned"),
        ({**FINE, "sparseValues": {"indices": [2**32], "values": [1]}}, "unsigned"),
        ({**FINE, "sparseValues": {"indices": [], "values": []}}, "at least one"),
        ("a", "must be an object"),
    ],
)
def test_records_that_cannot_be_stored(raw: httpx.Client, record: object, reason: str) -> None:
    assert reason in _refusal(raw.post("/dense/vectors/upsert", json={"vectors": [FINE, record]}))
    stats = raw.post("/dense/describe_index_stats", json={}).json()
    assert (stats["totalVectorCount"], stats["namespaces"]) == (0, {})


def test_nan_is_not_json(raw: httpx.Client) -> None:
    body = json.dumps({"vectors": [{"id": "a", "values": [float("nan"), 0, 0]}]})
    assert "not valid JSON" in _refusal(raw.post("/dense/vectors/upsert", content=body))


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_json_object(raw: httpx.Client, body: bytes) -> None:
    assert "JSON" in _refusal(raw.post("/dense/query", content=body))


def test_an_upsert_carries_1000_records_and_2_megabytes_at_most(raw: httpx.Client) -> None:
    many = [{"id": str(n), "values": [1, 0, 0]} for n in range(1001)]
    assert "1000" in _refusal(raw.post("/dense/vectors/upsert", json={"vectors": many}))
    assert raw.post("/dense/vectors/upsert", json={"vectors": many[1:]}).json() == {"upsertedCount": 1000}
    heavy = [{"id": str(n), "values": [1, 0, 0], "metadata": {"x": "y" * 40_000}} for n in range(60)]
    assert "message length too large" in _refusal(raw.post("/dense/vectors/upsert", json={"vectors": heavy}), code=11)


@pytest.mark.parametrize(
    ("request_body", "reason"),
    [
        ({"vector": [1, 0, 0]}, "topK"),
        ({"vector": [1, 0, 0], "topK": 0}, "topK"),
        ({"vector": [1, 0, 0], "topK": 10_001}, "topK"),
        ({"vector": [1, 0, 0], "topK": "5"}, "topK"),
        ({"topK": 1}, "Query must contain"),
        ({"topK": 1, "vector": [0, 0, 0]}, "only zeros"),
        ({"topK": 1, "vector": [1, 0]}, "dimension 2"),
        ({"topK": 1, "vector": [1, 0, 0], "id": "a"}, "Cannot provide both"),
        ({"topK": 1, "sparseVector": {"indices": [1], "values": [1]}}, "dense index"),
        ({"topK": 1, "vector": [1, 0, 0], "sparseVector": {"indices": [1], "values": [1]}}, "dotproduct"),
        ({"topK": 1, "vector": [1, 0, 0], "namespace": "é"}, "Namespace"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": None}}, "$eq"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {}}}, "illegal condition"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$like": "y"}}}, "illegal condition"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$gt": "y"}}}, "must be followed by a number"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$gt": True}}}, "must be followed by a number"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$in": "y"}}}, "must be followed by a list"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$in": [["y"]]}}}, "takes strings"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"x": {"$exists": 1}}}, "boolean"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"$not": {"x": 1}}}, "$not"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"$and": []}}, "non-empty list"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": {"$or": {"x": 1}}}, "non-empty list"),
        ({"topK": 1, "vector": [1, 0, 0], "filter": [1]}, "must be an object"),
    ],
)
def test_queries_that_make_no_sense(raw: httpx.Client, request_body: Reply, reason: str) -> None:
    assert reason in _refusal(raw.post("/dense/query", json=request_body))


def test_a_filter_nested_without_end_is_refused(raw: httpx.Client) -> None:
    condition: Reply = {"x": 1}
    for _ in range(40):
        condition = {"$and": [condition]}
    assert "deep" in _refusal(raw.post("/dense/query", json={"topK": 1, "vector": [1, 0, 0], "filter": condition}))


@pytest.mark.parametrize(
    ("path", "request_body", "reason"),
    [
        ("/vectors/delete", {}, "non-empty list"),
        ("/vectors/delete", {"ids": []}, "non-empty list"),
        ("/vectors/delete", {"ids": ["a"], "deleteAll": True}, "No explicit IDs allowed"),
        ("/vectors/delete", {"filter": {"x": 1}, "deleteAll": True}, "No filter allowed"),
        ("/vectors/delete", {"filter": {}}, "Delete with empty metadata filter is not allowed"),
        ("/vectors/delete", {"ids": [str(n) for n in range(1001)]}, "limit of 1000"),
        ("/vectors/update", {}, "Exactly one"),
        ("/vectors/update", {"id": "a", "filter": {"x": 1}}, "Exactly one"),
        ("/vectors/update", {"filter": {}, "setMetadata": {"x": 1}}, "Update with empty metadata filter"),
        ("/vectors/update", {"filter": {"x": 1}, "values": [1, 0, 0]}, "does not support updating vector values"),
        ("/vectors/update", {"id": "a", "values": [1, 0]}, "dimension 2"),
        ("/vectors/update", {"id": "a", "setMetadata": {"x": None}}, "for field 'x'"),
        ("/vectors/fetch_by_metadata", {}, "Empty filter"),
        ("/vectors/upsert", {"vectors": []}, "No vectors"),
        ("/vectors/upsert", {}, "No vectors"),
    ],
)
def test_other_requests_that_make_no_sense(raw: httpx.Client, path: str, request_body: Reply, reason: str) -> None:
    assert reason in _refusal(raw.post(f"/dense{path}", json=request_body))


@pytest.mark.parametrize(
    ("query", "reason"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("paginationToken=%21", "token")],
)
def test_pages_that_do_not_exist(raw: httpx.Client, query: str, reason: str) -> None:
    assert reason in _refusal(raw.get(f"/dense/vectors/list?{query}"))


def test_an_update_may_not_make_metadata_too_large(dense: Index) -> None:
    dense.upsert(vectors=[("a", [1.0, 0.0, 0.0], {"x": "y" * 30_000})])
    with pytest.raises(ApiError, match="exceeds the limit"):
        dense.update(id="a", set_metadata={"z": "y" * 30_000})
    assert dense.fetch(ids=["a"]).vectors["a"].metadata == {"x": "y" * 30_000}


def test_a_sparse_index_takes_no_dense_values(raw: httpx.Client) -> None:
    sparse = {"indices": [1], "values": [1]}
    both = {"vectors": [{"id": "a", "values": [1, 0, 0], "sparseValues": sparse}]}
    assert "dense" in _refusal(raw.post("/sparse/vectors/upsert", json=both))
    assert "at least one" in _refusal(raw.post("/sparse/vectors/upsert", json={"vectors": [{"id": "a", "values": []}]}))
    assert "dense" in _refusal(raw.post("/sparse/query", json={"topK": 1, "vector": [1, 0, 0]}))


def test_unknown_operations_are_not_found(raw: httpx.Client) -> None:
    assert "/nowhere" in _refusal(raw.get("/nowhere"), status=404, code=5)
    assert "/query" in _refusal(raw.get("/query"), status=404, code=5)
