"""What a third party is sent holds nothing that nobody else shall learn; what one's own machine is sent is whole."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.core.settings import settings
from common.llm import providers
from common.llm.openai import OpenAIEndpoint, OpenAILanguageModel
from common.llm.openai_talking import OpenAITalker
from common.llm.ports import Embedder, SeeingModel
from common.llm.redacting.models import RedactingEmbedder, RedactingModel, RedactingTalker
from common.llm.redacting.outside import is_own
from common.llm.summarizing import SummaryAnswer
from common.llm.talking import Answered, Call, Said, Turn
from tests.contract.llm.provider_server import ProviderServer, Reply

CARD = "4111 1111 1111 1111"
SHOWN = "[card number]"


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    caches: list[Any] = [settings, providers.embedder, providers.language_model, providers._openai_endpoint]
    for cached in caches:
        cached.cache_clear()
    yield monkeypatch
    for cached in caches:
        cached.cache_clear()


def _sent(server: ProviderServer) -> str:
    return json.dumps([request.body for request in server.requests], ensure_ascii=False)


def test_a_language_model_is_sent_neither_prompt_nor_instructions_as_they_are(
    endpoint: Callable[[float], OpenAIEndpoint], server: ProviderServer
) -> None:
    answer = {"choices": [{"message": {"content": '{"summary": "done"}'}, "finish_reason": "stop"}]}
    server.script.append(Reply(body=json.dumps(answer).encode()))
    model: SeeingModel = RedactingModel(OpenAILanguageModel(endpoint(5.0), model="m"))
    found = model.generate(system=f"You know {CARD}.", prompt=f"User: it is {CARD}", response=SummaryAnswer)
    assert found.summary == "done"
    assert "4111" not in _sent(server)
    assert _sent(server).count(SHOWN) == 2


def test_a_talker_is_sent_nothing_of_what_was_said_answered_or_asked_of_tools(
    endpoint: Callable[[float], OpenAIEndpoint], server: ProviderServer
) -> None:
    events = [{"choices": [{"delta": {"content": "ok"}, "finish_reason": "stop"}]}]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    server.script.append(Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"}))
    call = Call("c1", "find", {"query": f"card {CARD}"})
    turns: list[Turn] = [
        Said(f"Where did I say {CARD}?", by_user=True),
        Said("", by_user=False, calls=(call,)),
        Answered(call, f"You said {CARD} on Monday\nand then left"),
    ]
    assert list(RedactingTalker(OpenAITalker(endpoint(5.0), model="m")).talk(system="Brief.", turns=turns)) == ["ok"]
    assert "4111" not in _sent(server)
    assert _sent(server).count(SHOWN) == 3


def test_an_embedder_is_sent_redacted_texts(make_embedder: Callable[[float], Embedder], server: ProviderServer) -> None:
    embedder = RedactingEmbedder(make_embedder(5.0))
    assert len(embedder.embed([f"number {CARD}"], purpose="document")[0]) == embedder.dimension
    assert "4111" not in _sent(server)
    assert SHOWN in _sent(server)


def test_the_settings_say_who_is_told_less(fresh: pytest.MonkeyPatch) -> None:
    def wrapped() -> bool:
        settings.cache_clear()
        providers.language_model.cache_clear()
        providers._openai_endpoint.cache_clear()
        return isinstance(providers.language_model()._model, RedactingModel)  # type: ignore[union-attr]

    fresh.setenv("LANGUAGE_MODEL", "openai")
    fresh.setenv("OPENAI_API_KEY", "sk-test")
    assert wrapped()
    fresh.setenv("REDACT", "embedding,apps")
    assert not wrapped()
    fresh.setenv("REDACT", "nobody")
    assert not wrapped()
    fresh.delenv("REDACT")
    fresh.setenv("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")
    assert not wrapped()


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/v1", "http://localhost:1", "http://[::1]/", "http://10.0.0.8/v1", "http://ollama:11434/v1"],
)
def test_a_machine_of_ones_own_is_no_third_party(address: str) -> None:
    assert is_own(address)


@pytest.mark.parametrize("address", ["", "https://api.openai.com/v1", "http://8.8.8.8/", "https://local.example.com"])
def test_whoever_is_reached_by_the_internet_is_a_third_party(address: str) -> None:
    assert not is_own(address)
