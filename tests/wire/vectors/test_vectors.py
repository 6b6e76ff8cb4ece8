"""The real Pinecone client stores, finds, changes and removes vectors on the local server."""

import asyncio
import math
from contextlib import closing
from pathlib import Path

import pytest
from pinecone import Index, NotFoundError, PineconeAsyncio

from local.vectors.records import dense_index
from tests.wire.vectors.conftest import INDEXES, client, running

NORTH, EAST, NORTH_EAST = [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]


def _ids(response: object) -> list[str]:
    return [match.id for match in response.matches]  # type: ignore[attr-defined]  # a query response


def _compass(index: Index, namespace: str = "ns1") -> None:
    index.upsert(
        vectors=[
            {"id": "u1-n", "values": NORTH, "metadata": {"uid": "u1", "created_at": 100, "topics": ["map", "cold"]}},
            {"id": "u1-e", "values": EAST, "metadata": {"uid": "u1", "created_at": 200, "topics": ["sun"]}},
            {"id": "u2-ne", "values": NORTH_EAST, "metadata": {"uid": "u2", "created_at": 300, "starred": True}},
        ],
        namespace=namespace,
    )


def test_an_index_answers_at_its_path_and_the_first_one_at_the_bare_address(dense: Index, address: str) -> None:
    _compass(dense)
    with closing(client(address)) as bare:
        assert sorted(bare.fetch(ids=["u1-n", "u1-e", "nobody"], namespace="ns1").vectors) == ["u1-e", "u1-n"]


def test_a_query_ranks_by_cosine_whatever_the_lengths(dense: Index) -> None:
    dense.upsert(vectors=[("long", [100.0, 1.0, 0.0]), ("exact", [0.0, 0.1, 0.0]), ("away", [0.0, -1.0, 0.0])])
    found = dense.query(vector=[0.0, 5.0, 0.0], top_k=10)
    assert _ids(found) == ["exact", "long", "away"]
    assert [match.score for match in found.matches] == pytest.approx([1.0, 0.01, -1.0], abs=1e-4)


def test_a_query_by_id_compares_with_the_stored_vector_and_finds_it_itself(dense: Index) -> None:
    _compass(dense)
    assert _ids(dense.query(id="u1-n", top_k=2, namespace="ns1")) == ["u1-n", "u2-ne"]
    assert _ids(dense.query(id="nobody", top_k=2, namespace="ns1")) == []


def test_equal_scores_are_ordered_by_id_and_cut_at_top_k(dense: Index) -> None:
    dense.upsert(vectors=[(name, NORTH) for name in ("d", "b", "a", "c")])
    assert _ids(dense.query(vector=NORTH, top_k=2)) == ["a", "b"]


def test_values_and_metadata_come_only_when_asked_for(dense: Index) -> None:
    _compass(dense)
    bare = dense.query(vector=NORTH, top_k=1, namespace="ns1").matches[0]
    full = dense.query(vector=NORTH, top_k=1, namespace="ns1", include_values=True, include_metadata=True).matches[0]
    assert (bare.values or [], bare.metadata) == ([], None)
    assert list(full.values) == NORTH
    assert full.metadata == {"uid": "u1", "created_at": 100.0, "topics": ["map", "cold"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"uid": "u1"}, {"u1-n", "u1-e"}),
        ({"uid": {"$eq": "u1"}, "created_at": {"$gte": 200}}, {"u1-e"}),
        ({"created_at": {"$gt": 100, "$lt": 300}}, {"u1-e"}),
        ({"created_at": {"$lte": 200}}, {"u1-n", "u1-e"}),
        ({"topics": "map"}, {"u1-n"}),
        ({"topics": {"$in": ["sun", "moon"]}}, {"u1-e"}),
        ({"topics": {"$nin": ["cold"]}}, {"u1-e", "u2-ne"}),
        ({"topics": {"$ne": "sun"}}, {"u1-n", "u2-ne"}),
        ({"topics": {"$exists": False}}, {"u2-ne"}),
        ({"starred": True}, {"u2-ne"}),
        ({"starred": 1}, set()),
        ({"uid": {"$gt": 1}}, set()),
        ({"$or": [{"uid": "u2"}, {"$and": [{"uid": "u1"}, {"topics": "sun"}]}]}, {"u2-ne", "u1-e"}),
        ({"uid": {"$in": []}}, set()),
    ],
)
def test_filters_select_what_they_say(dense: Index, condition: dict[str, object], expected: set[str]) -> None:
    _compass(dense)
    found = dense.query(vector=NORTH_EAST, top_k=10, namespace="ns1", filter=condition)
    assert set(_ids(found)) == expected


def test_namespaces_are_worlds_apart_and_made_by_the_first_upsert(dense: Index) -> None:
    _compass(dense, "ns1")
    dense.upsert(vectors=[("only", EAST)], namespace="ns2")
    dense.upsert(vectors=[("default", EAST)])
    assert _ids(dense.query(vector=EAST, top_k=10, namespace="ns2")) == ["only"]
    assert _ids(dense.query(vector=EAST, top_k=10, namespace="ns3")) == []
    stats = dense.describe_index_stats()
    counts = {name: summary.vector_count for name, summary in stats.namespaces.items()}
    assert counts == {"__default__": 1, "ns1": 3, "ns2": 1}
    assert (stats.dimension, stats.metric, stats.vector_type, stats.total_vector_count) == (3, "cosine", "dense", 5)


def test_stats_count_what_a_filter_accepts(dense: Index) -> None:
    _compass(dense)
    assert dense.describe_index_stats(filter={"uid": "u1"}).total_vector_count == 2


def test_an_upsert_replaces_the_whole_record_and_later_queries_see_it(dense: Index) -> None:
    _compass(dense)
    assert _ids(dense.query(vector=NORTH, top_k=1, namespace="ns1")) == ["u1-n"]
    assert dense.upsert(vectors=[("u1-n", [0.0, -1.0, 0.0])], namespace="ns1").upserted_count == 1
    assert _ids(dense.query(vector=NORTH, top_k=3, namespace="ns1"))[-1] == "u1-n"
    assert dense.fetch(ids=["u1-n"], namespace="ns1").vectors["u1-n"].metadata is None


def test_an_update_changes_values_and_lays_metadata_over_the_old(dense: Index) -> None:
    _compass(dense)
    dense.update(id="u1-n", values=[0.0, 0.0, 1.0], set_metadata={"uid": "u9", "new": "x"}, namespace="ns1")
    record = dense.fetch(ids=["u1-n"], namespace="ns1").vectors["u1-n"]
    assert list(record.values) == [0.0, 0.0, 1.0]
    assert record.metadata == {"uid": "u9", "created_at": 100.0, "topics": ["map", "cold"], "new": "x"}


def test_an_update_of_an_unknown_id_creates_nothing(dense: Index) -> None:
    _compass(dense)
    dense.update(id="nobody", values=NORTH, namespace="ns1")
    assert dense.fetch(ids=["nobody"], namespace="ns1").vectors == {}


def test_an_update_by_filter_counts_and_changes_what_it_matches(dense: Index) -> None:
    _compass(dense)
    dry = dense.update(filter={"uid": "u1"}, set_metadata={"seen": True}, namespace="ns1", dry_run=True)
    assert dry.matched_records == 2
    assert _ids(dense.query(vector=NORTH, top_k=9, namespace="ns1", filter={"seen": True})) == []
    dense.update(filter={"uid": "u1"}, set_metadata={"seen": True}, namespace="ns1")
    assert len(_ids(dense.query(vector=NORTH, top_k=9, namespace="ns1", filter={"seen": True}))) == 2


def test_deleting_by_ids_by_filter_and_all(dense: Index) -> None:
    _compass(dense)
    dense.delete(ids=["u1-n", "nobody"], namespace="ns1")
    assert set(_ids(dense.query(vector=NORTH, top_k=9, namespace="ns1"))) == {"u1-e", "u2-ne"}
    dense.delete(filter={"uid": "u2"}, namespace="ns1")
    assert _ids(dense.query(vector=NORTH, top_k=9, namespace="ns1")) == ["u1-e"]
    dense.delete(delete_all=True, namespace="ns1")
    assert dense.describe_index_stats().total_vector_count == 0


def test_deleting_in_a_namespace_that_does_not_exist_is_not_found(dense: Index) -> None:
    with pytest.raises(NotFoundError, match="Namespace not found"):
        dense.delete(ids=["x"], namespace="nowhere")


def test_ids_are_listed_by_prefix_in_pages(dense: Index) -> None:
    dense.upsert(vectors=[(f"u1-{n:03}", NORTH) for n in range(7)] + [("u10-1", NORTH), ("u2", NORTH)])
    pages = [[item.id for item in page] for page in dense.list(prefix="u1-", limit=3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [item for page in pages for item in page] == [f"u1-{n:03}" for n in range(7)]
    exact = dense.list_paginated(prefix="u", limit=9)
    assert len(exact.vectors) == 9
    assert exact.pagination is None


def test_records_are_fetched_by_metadata_in_pages(dense: Index) -> None:
    _compass(dense)
    first = dense.fetch_by_metadata(filter={"uid": "u1"}, namespace="ns1", limit=1)
    assert first.pagination is not None
    second = dense.fetch_by_metadata(
        filter={"uid": "u1"}, namespace="ns1", limit=1, pagination_token=first.pagination.next
    )
    assert [*first.vectors, *second.vectors] == ["u1-e", "u1-n"]
    assert second.pagination is None


def test_namespaces_are_described_and_removed(dense: Index) -> None:
    _compass(dense, "a/b")
    assert [item.name for page in dense.list_namespaces() for item in page.namespaces] == ["a/b"]
    assert dense.describe_namespace(name="a/b").record_count == 3
    dense.delete_namespace(name="a/b")
    with pytest.raises(NotFoundError):
        dense.describe_namespace(name="a/b")


def test_sparse_records_are_scored_by_dot_product_and_need_a_term_in_common(sparse: Index) -> None:
    top = 2**32 - 1
    sparse.upsert(
        vectors=[
            {"id": "a", "sparse_values": {"indices": [top, 5], "values": [1.0, 2.0]}, "metadata": {"uid": "u1"}},
            {"id": "b", "sparse_values": {"indices": [5], "values": [3.0]}, "metadata": {"uid": "u2"}},
            {"id": "c", "sparse_values": {"indices": [6], "values": [9.0]}},
        ],
        namespace="ns_tchunks",
    )
    query = {"indices": [top, 5, 7], "values": [10.0, 1.0, 1.0]}
    found = sparse.query(sparse_vector=query, top_k=10, namespace="ns_tchunks")
    assert [(match.id, match.score) for match in found.matches] == [("a", 12.0), ("b", 3.0)]
    assert _ids(sparse.query(sparse_vector=query, top_k=10, namespace="ns_tchunks", filter={"uid": "u2"})) == ["b"]
    stored = sparse.fetch(ids=["a"], namespace="ns_tchunks").vectors["a"].sparse_values
    assert stored is not None
    assert dict(zip(stored.indices, stored.values, strict=True)) == {top: 1.0, 5: 2.0}
    sparse.update(id="c", sparse_values={"indices": [5], "values": [100.0]}, namespace="ns_tchunks")
    assert _ids(sparse.query(sparse_vector=query, top_k=1, namespace="ns_tchunks")) == ["c"]


def test_a_dotproduct_index_adds_dense_and_sparse_scores(hybrid: Index) -> None:
    hybrid.upsert(
        vectors=[
            {"id": "both", "values": [1.0, 0.0], "sparse_values": {"indices": [1], "values": [5.0]}},
            {"id": "dense", "values": [3.0, 0.0]},
        ]
    )
    found = hybrid.query(vector=[1.0, 0.0], sparse_vector={"indices": [1], "values": [1.0]}, top_k=2)
    assert [(match.id, match.score) for match in found.matches] == [("both", 6.0), ("dense", 3.0)]


async def _by_the_asynchronous_client(address: str) -> list[str]:
    async with PineconeAsyncio(api_key="local") as client, client.IndexAsyncio(host=f"{address}/dense") as index:
        await index.upsert(vectors=[("a", NORTH), ("b", EAST)])
        return _ids(await index.query(vector=NORTH, top_k=2))


def test_the_asynchronous_client_speaks_the_same(address: str) -> None:
    assert asyncio.run(_by_the_asynchronous_client(address)) == ["a", "b"]


def test_scores_equal_those_of_plain_arithmetic(dense: Index) -> None:
    _compass(dense)
    scores = {match.id: match.score for match in dense.query(vector=[1.0, 2.0, 2.0], top_k=3, namespace="ns1").matches}
    assert scores == pytest.approx({"u1-n": 2 / 3, "u1-e": 1 / 3, "u2-ne": 3 / (3 * math.sqrt(2))}, abs=1e-6)


def test_records_survive_a_restart(tmp_path: Path) -> None:
    for attempt in range(2):
        with running(tmp_path / "state.sqlite", INDEXES) as address, closing(client(f"{address}/dense")) as index:
            if attempt == 0:
                _compass(index)
            assert _ids(index.query(vector=EAST, top_k=1, namespace="ns1")) == ["u1-e"]


def test_a_stored_index_is_not_opened_with_another_dimension(tmp_path: Path) -> None:
    with running(tmp_path / "state.sqlite", INDEXES) as address, closing(client(f"{address}/dense")) as index:
        _compass(index)
    with (
        pytest.raises(ValueError, match="holds records"),
        running(tmp_path / "state.sqlite", {"dense": dense_index(4)}),
    ):
        pass


def test_an_owners_records_are_found_whoever_they_belonged_to_before(dense: Index) -> None:
    def found(**conditions: object) -> set[str]:
        return set(_ids(dense.query(vector=NORTH, top_k=10, namespace="owned", filter=conditions)))

    for uid, record in (("a", "r1"), ("b", "r2"), ("a", "r3")):
        dense.upsert(vectors=[{"id": record, "values": NORTH, "metadata": {"uid": uid}}], namespace="owned")
    assert (found(uid="a"), found(uid={"$eq": "b"}), found(uid="c")) == ({"r1", "r3"}, {"r2"}, set())
    dense.upsert(vectors=[{"id": "r1", "values": NORTH, "metadata": {"uid": "b"}}], namespace="owned")
    dense.upsert(vectors=[{"id": "r4", "values": NORTH, "metadata": {"uid": ["a", "b"]}}], namespace="owned")
    dense.delete(ids=["r3"], namespace="owned")
    assert (found(uid="a"), found(uid={"$eq": "b"})) == ({"r4"}, {"r1", "r2", "r4"})
    assert found(uid={"$eq": "b", "$ne": "a"}) == {"r1", "r2"}
    dense.update(id="r2", set_metadata={"uid": "a"}, namespace="owned")
    assert (found(uid="a"), found(uid={"$eq": "b"})) == ({"r2", "r4"}, {"r1", "r4"})
