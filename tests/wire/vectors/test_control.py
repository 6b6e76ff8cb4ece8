"""Indexes made, described and dropped with Pinecone's own client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from pinecone import ConflictError, Index, NotFoundError, Pinecone, PineconeException, ServerlessSpec

from tests.wire.vectors.conftest import INDEXES, client, running

PLACE = ServerlessSpec(cloud="gcp", region="us-central1")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path / "state", INDEXES) as address:
        yield address


@pytest.fixture
def pinecone(address: str) -> Iterator[Pinecone]:
    with closing(Pinecone(api_key="local", host=address)) as pinecone:
        yield pinecone


@pytest.fixture
def index_at() -> Iterator[Callable[[str | None], Index]]:
    """Clients of data planes, closed at the end."""
    with ExitStack() as stack:
        yield lambda host: stack.enter_context(closing(client(str(host))))


def test_an_index_that_was_made_takes_vectors_at_the_host_it_names(
    pinecone: Pinecone, index_at: Callable[[str | None], Index]
) -> None:
    made = pinecone.indexes.create(name="notes", dimension=3, metric="cosine", spec=PLACE)
    assert made.status.ready
    index = index_at(made.host)
    index.upsert(vectors=[{"id": "a", "values": [1.0, 0.0, 0.0]}], namespace="n")

    assert [match.id for match in index.query(vector=[1.0, 0.0, 0.0], top_k=1, namespace="n").matches] == ["a"]
    assert pinecone.indexes.describe("notes").dimension == 3


def test_a_sparse_index_takes_sparse_vectors(pinecone: Pinecone, index_at: Callable[[str | None], Index]) -> None:
    made = pinecone.indexes.create(name="terms", metric="dotproduct", vector_type="sparse", spec=PLACE)
    index = index_at(made.host)

    index.upsert(vectors=[{"id": "a", "sparse_values": {"indices": [7], "values": [1.0]}}], namespace="n")

    assert pinecone.indexes.describe("terms").vector_type == "sparse"
    assert index.describe_index_stats().total_vector_count == 1


def test_a_name_is_given_once(pinecone: Pinecone) -> None:
    pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)

    with pytest.raises(ConflictError):
        pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)


@pytest.mark.parametrize(("name", "dimension"), [("No_Capitals", 3), ("notes", 0), ("notes", 30_000)])
def test_what_cannot_be_made_is_refused(pinecone: Pinecone, name: str, dimension: int) -> None:
    with pytest.raises(PineconeException):
        pinecone.indexes.create(name=name, dimension=dimension, spec=PLACE)
    assert not pinecone.indexes.exists(name)


def test_a_dropped_index_is_gone_with_what_was_in_it(
    pinecone: Pinecone, address: str, index_at: Callable[[str | None], Index]
) -> None:
    made = pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)
    index_at(made.host).upsert(vectors=[{"id": "a", "values": [1.0, 0.0, 0.0]}])
    pinecone.indexes.delete("notes")

    assert not pinecone.indexes.exists("notes")
    with pytest.raises(NotFoundError):
        index_at(f"{address}/notes").describe_index_stats()
    again = pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)
    assert index_at(again.host).describe_index_stats().total_vector_count == 0


def test_the_list_names_those_that_the_server_began_with_too(pinecone: Pinecone) -> None:
    pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)

    assert {index.name for index in pinecone.indexes.list()} == {*INDEXES, "notes"}


def test_an_index_survives_the_end_of_the_process(tmp_path: Path, index_at: Callable[[str | None], Index]) -> None:
    with running(tmp_path / "state", INDEXES) as address:
        with closing(Pinecone(api_key="local", host=address)) as pinecone:
            made = pinecone.indexes.create(name="notes", dimension=3, spec=PLACE)
        index_at(made.host).upsert(vectors=[{"id": "a", "values": [1.0, 0.0, 0.0]}])
    with running(tmp_path / "state", INDEXES) as address:
        assert index_at(f"{address}/notes").describe_index_stats().total_vector_count == 1
