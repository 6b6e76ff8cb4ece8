"""Vertex AI offers its models in different places: each is asked where it is to be had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.core.settings import settings
from common.llm import providers
from tests.contract.llm.provider_server import DIMENSION
from tests.contract.llm.test_language_model import Note
from tests.support.models_of_all_kinds import model_of


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    providers.embedder.cache_clear()
    yield
    providers.embedder.cache_clear()


def test_the_language_model_and_the_embedder_are_asked_where_each_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMBEDDING", "vertex")
    monkeypatch.setenv("EMBEDDING_DIMENSION", str(DIMENSION))
    with model_of("vertex", tmp_path) as server:
        assert server is not None
        model = providers.language_model()
        assert model is not None
        model.generate(system="Summarise.", prompt="We talked about money.", response=Note)
        providers.embedder().embed(["money"], purpose="document")
        providers._vertex_project(settings().vertex_embedding_location).close()
        asked = [request.path.partition("/publishers/")[0].rpartition("/")[2] for request in server.requests]
    assert asked == ["us", "us-central1"]
