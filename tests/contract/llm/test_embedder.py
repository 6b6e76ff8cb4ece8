"""What every embedder does: unit vectors in order, bounded patience, and errors instead of nonsense."""

import math

import pytest

from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.ports import Embedder
from tests.contract.llm.conftest import MakeEmbedder
from tests.contract.llm.provider_server import DIMENSION, ProviderServer, Reply, direction


def _unit(vector: list[float]) -> list[float]:
    length = math.hypot(*vector)
    return [value / length for value in vector]


def test_each_text_gets_its_unit_vector_in_order(embedder: Embedder) -> None:
    texts = ["a", "bbb", "cc", "", "a"]
    vectors = embedder.embed(texts, purpose="document")
    assert embedder.dimension == DIMENSION
    assert vectors == [pytest.approx(_unit(direction(text or " "))) for text in texts]


def test_many_texts_are_many_vectors(embedder: Embedder) -> None:
    texts = ["x" * (n + 1) for n in range(300)]
    vectors = embedder.embed(texts, purpose="query")
    assert vectors[299] == pytest.approx(_unit(direction(texts[299])))
    assert len(vectors) == 300


def test_no_texts_are_no_request(embedder: Embedder, server: ProviderServer) -> None:
    assert embedder.embed([], purpose="document") == []
    assert server.requests == []


def test_a_busy_provider_is_asked_again(embedder: Embedder, server: ProviderServer) -> None:
    server.script.append(Reply(status=429, headers={"Retry-After": "1"}))
    assert len(embedder.embed(["a"], purpose="query")) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "rows",
    [[[1.0, 2.0]], [[0.0] * DIMENSION], [[]], [[float("nan")] * DIMENSION]],
    ids=["short", "zero", "empty", "nan"],
)
def test_vectors_that_make_no_sense_are_errors(
    embedder: Embedder, server: ProviderServer, rows: list[list[float]]
) -> None:
    server.script.append(Reply(vectors=lambda _: rows))
    with pytest.raises(ProviderError):
        embedder.embed(["a"], purpose="document")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"], ids=["html", "list", "empty-object"])
def test_an_answer_that_is_not_of_the_protocol_is_an_error(
    embedder: Embedder, server: ProviderServer, body: bytes
) -> None:
    server.script.append(Reply(body=body))
    with pytest.raises(ProviderError):
        embedder.embed(["a"], purpose="document")


def test_a_request_that_is_never_accepted_is_refused(embedder: Embedder, server: ProviderServer) -> None:
    server.script.append(Reply(status=400))
    with pytest.raises(ProviderRefusedError):
        embedder.embed(["a"], purpose="document")
    assert len(server.requests) == 1


def test_a_slow_provider_is_given_up_on_in_time(make_embedder: MakeEmbedder, server: ProviderServer) -> None:
    server.script.append(Reply(delay_s=3))
    before = clock.monotonic()
    with pytest.raises(ProviderError):
        make_embedder(1.0).embed(["a"], purpose="document")
    assert clock.monotonic() - before < 2.5
