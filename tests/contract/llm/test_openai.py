"""What is particular to OpenAI's protocol: batches, shortened vectors, trickling servers and servers without a key."""

from collections.abc import Callable
from contextlib import closing

import pytest
from pydantic import BaseModel

from common.core import clock
from common.core.errors import ProviderError
from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint, OpenAILanguageModel
from tests.contract.llm.provider_server import DIMENSION, ProviderServer, Reply


class Anything(BaseModel):
    """Whatever comes."""


def test_embeddings_are_asked_for_in_batches_and_shortened(server: ProviderServer) -> None:
    with closing(OpenAIEndpoint(f"{server.address}/v1/", timeout_s=5, provider="openai")) as endpoint:
        OpenAIEmbedder(endpoint, model="m", dimension=DIMENSION, shorten=True).embed(["a"] * 129, purpose="document")
    assert [len(request.body["input"]) for request in server.requests] == [128, 1]
    assert server.requests[0].body["dimensions"] == DIMENSION
    assert server.requests[0].path == "/v1/embeddings"
    assert "authorization" not in server.requests[0].headers


def test_a_trickle_is_cut_off_in_time(server: ProviderServer, endpoint: Callable[[float], OpenAIEndpoint]) -> None:
    server.script.append(Reply(trickle_s=0.1))
    before = clock.monotonic()
    with pytest.raises(ProviderError):
        OpenAILanguageModel(endpoint(1), model="m").generate(system="s", prompt="p", response=Anything)
    assert clock.monotonic() - before < 2


def test_nobody_listening_is_a_provider_error() -> None:
    unreachable = OpenAIEndpoint("http://127.0.0.1:9", timeout_s=5, provider="openai")
    with closing(unreachable), pytest.raises(ProviderError) as caught:
        OpenAIEmbedder(unreachable, model="m", dimension=DIMENSION).embed(["a"], purpose="query")
    assert caught.value.retryable
