"""The settings choose the providers, each is made once, and nothing is loaded that isn't chosen."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.llm import providers

_CACHES: list[Any] = [
    settings,
    providers.embedder,
    providers.language_model,
    providers.structurer,
    providers.photo_describer,
    providers.translator,
    providers._openai_endpoint,
    providers._local_endpoint,
    providers._vertex_project,
]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LANGUAGE_MODEL", "EMBEDDING", "LOCAL_MODELS_URL", "OPENAI_API_KEY", "EMBEDDING_DIMENSION"):
        monkeypatch.delenv(name, raising=False)
    for cached in _CACHES:
        cached.cache_clear()
    yield
    for cached in _CACHES:
        cached.cache_clear()


def test_by_default_everything_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_MODELS_URL", "http://127.0.0.1:1/")
    assert providers.embedder().name == "all-MiniLM-L6-v2 (local model)"
    assert providers.embedder().dimension == 384
    assert providers.structurer().name == "extractive (local model)"
    assert providers.structurer() is providers.structurer()
    assert providers.language_model() is None


def test_without_an_address_there_is_no_local_encoder() -> None:
    with pytest.raises(ProviderRefusedError, match="LOCAL_MODELS_URL"):
        providers.embedder()


@pytest.mark.parametrize(
    ("provider", "model", "embedding"),
    [
        ("openai", "gpt-4.1-mini (openai)", "text-embedding-3-small (openai)"),
        ("vertex", "gemini-3.5-flash-lite (vertex)", "gemini-embedding-001 (vertex)"),
    ],
)
def test_one_variable_each_chooses_another(
    monkeypatch: pytest.MonkeyPatch, provider: str, model: str, embedding: str
) -> None:
    monkeypatch.setenv("LANGUAGE_MODEL", provider)
    monkeypatch.setenv("EMBEDDING", provider)
    monkeypatch.setenv("EMBEDDING_DIMENSION", "768")
    assert providers.structurer().name == model
    assert (providers.embedder().name, providers.embedder().dimension) == (embedding, 768)


@pytest.mark.parametrize("module", ["providers", "openai", "vertex", "structuring", "discard", "ports"])
def test_importing_loads_no_client(module: str) -> None:
    heavy = "{'httpx', 'google.genai', 'google.auth', 'openai', 'numpy', 'pinecone'}"
    program = f"import sys, common.llm.{module}; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.strip() == "[]"


def test_without_a_language_model_nothing_is_described_or_translated() -> None:
    assert not providers.photos_are_described()
    assert providers.photo_describer() is None
    assert providers.translator() is None


def test_the_language_model_describes_and_translates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_MODEL", "openai")
    describer, translator = providers.photo_describer(), providers.translator()
    assert describer is not None
    assert translator is not None
    assert describer.name == translator.name == "gpt-4.1-mini (openai)"


def test_one_that_cannot_see_only_translates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_MODEL", "openai")
    monkeypatch.setenv("LANGUAGE_MODEL_SEES", "false")
    assert providers.photo_describer() is None
    assert providers.translator() is not None
