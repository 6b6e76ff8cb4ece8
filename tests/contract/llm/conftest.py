"""Every provider of a role, connected to a server under the test's control."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint, OpenAILanguageModel
from common.llm.ports import Embedder, SeeingModel
from common.llm.vertex import VertexEmbedder, VertexLanguageModel, VertexProject
from tests.contract.llm.provider_server import DIMENSION, ProviderServer, credentials

TIMEOUT_S = 5.0
MakeModel = Callable[[float], SeeingModel]
MakeEmbedder = Callable[[float], Embedder]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer().serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def private_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())


@pytest.fixture
def account(server: ProviderServer, private_key: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's default credentials, good for this server."""
    path = tmp_path / "account.json"
    path.write_text(json.dumps(credentials(server.address, private_key)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))


@pytest.fixture
def endpoint(server: ProviderServer) -> Iterator[Callable[[float], OpenAIEndpoint]]:
    """Connects to the server by OpenAI's protocol."""
    with ExitStack() as opened:
        yield lambda timeout_s: opened.enter_context(
            closing(OpenAIEndpoint(f"{server.address}/v1", api_key="sk-test", timeout_s=timeout_s, provider="openai"))
        )


@pytest.fixture
def project(server: ProviderServer, account: None) -> Iterator[Callable[[float], VertexProject]]:
    """Connects to the server as Vertex AI."""
    del account
    with ExitStack() as opened:
        yield lambda timeout_s: opened.enter_context(
            closing(VertexProject("p1", "us", base_url=server.address, timeout_s=timeout_s))
        )


@pytest.fixture(params=["openai", "vertex"])
def make_model(
    request: pytest.FixtureRequest,
    endpoint: Callable[[float], OpenAIEndpoint],
    project: Callable[[float], VertexProject],
) -> MakeModel:
    """Connects a language model with a time limit in seconds."""
    if request.param == "openai":
        return lambda timeout_s: OpenAILanguageModel(endpoint(timeout_s), model="gpt-test")
    return lambda timeout_s: VertexLanguageModel(project(timeout_s), model="gemini-3.5-flash-lite")


@pytest.fixture
def model(make_model: MakeModel) -> SeeingModel:
    return make_model(TIMEOUT_S)


@pytest.fixture(params=["openai", "vertex-embed-content", "vertex-predict"])
def make_embedder(
    request: pytest.FixtureRequest,
    endpoint: Callable[[float], OpenAIEndpoint],
    project: Callable[[float], VertexProject],
) -> MakeEmbedder:
    """Connects an embedder with a time limit in seconds."""
    if request.param == "openai":
        return lambda timeout_s: OpenAIEmbedder(endpoint(timeout_s), model="m", dimension=DIMENSION, shorten=True)
    name = "gemini-embedding-001" if request.param == "vertex-embed-content" else "text-embedding-005"
    return lambda timeout_s: VertexEmbedder(project(timeout_s), model=name, dimension=DIMENSION)


@pytest.fixture
def embedder(make_embedder: MakeEmbedder) -> Embedder:
    return make_embedder(TIMEOUT_S)
