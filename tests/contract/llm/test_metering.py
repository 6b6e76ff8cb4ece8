"""Whatever a provider reports is counted, and estimated where it reports nothing; by every protocol."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from pydantic import BaseModel

from common.core import metering
from common.core.errors import ProviderError
from common.core.metering import Line, Meter, Used, metered
from common.llm.metered import MeteredEmbedder, MeteredModel, MeteredTalker
from common.llm.openai import OpenAIEndpoint
from common.llm.openai_talking import OpenAITalker
from common.llm.ports import Embedder, Picture, SeeingModel
from common.llm.talking import Said
from common.llm.vertex import VertexProject
from common.llm.vertex_talking import VertexTalker
from tests.contract.llm.conftest import TIMEOUT_S
from tests.contract.llm.provider_server import GOOD_ANSWER, ProviderServer, Reply


class Answer(BaseModel):
    """What is asked for."""

    title: str
    tags: list[str]


@pytest.fixture
def lines() -> Iterator[dict[Line, Used]]:
    """What was counted, once the test is over with it."""
    counted: dict[Line, Used] = {}

    def write(_: str, written: object) -> None:
        counted.update(written)  # type: ignore[call-overload]

    meter = Meter(write, uid="u")
    with metered(meter):
        yield _Flushing(meter, counted)


class _Flushing(dict[Line, Used]):
    def __init__(self, meter: Meter, counted: dict[Line, Used]) -> None:
        super().__init__()
        self._meter, self._counted = meter, counted

    def __getitem__(self, line: Line) -> Used:
        self._meter.flush()
        return self._counted[line]


def ask(model: SeeingModel) -> Answer:
    return MeteredModel(model).generate(system="Be brief.", prompt="What is this?", response=Answer)


def test_what_is_not_reported_is_estimated_and_says_so(model: SeeingModel, lines: dict[Line, Used]) -> None:
    ask(model)
    used = lines["language_model", model.name]
    assert (used.calls, used.tokens_in) == (1, metering.estimate("Be brief.", "What is this?"))
    assert used.tokens_out > 0
    assert used.estimated == used.tokens


def test_what_is_reported_counts_with_its_second_attempt(
    model: SeeingModel, server: ProviderServer, lines: dict[Line, Used]
) -> None:
    server.script += [Reply(answer="no json", usage=(100, 10)), Reply(usage=(130, 12))]
    assert ask(model).title == "Budget"
    assert lines["language_model", model.name] == Used(calls=1, tokens_in=230, tokens_out=22)


def test_what_failed_has_cost_what_was_reported(
    model: SeeingModel, server: ProviderServer, lines: dict[Line, Used]
) -> None:
    server.script += [Reply(answer="no json", usage=(100, 10))] * 2
    with pytest.raises(ProviderError):
        ask(model)
    assert lines["language_model", model.name] == Used(calls=1, tokens_in=200, tokens_out=20)


def test_embeddings_are_counted(embedder: Embedder, lines: dict[Line, Used]) -> None:
    vectors = MeteredEmbedder(embedder).embed(["one text", "another"], purpose="document")
    assert len(vectors) == 2
    used = lines["embedding", embedder.name]
    assert used.calls == 1
    assert used.tokens_in > 0
    assert used.tokens_out == 0


def test_an_answer_that_nobody_hears_to_its_end_is_counted(lines: dict[Line, Used]) -> None:
    class Talkative:
        name = "t"

        def talk(self, **_: object) -> Iterator[str]:
            yield from ["one ", "two ", "three"]

    pieces = MeteredTalker(Talkative()).talk(system="", turns=[Said("hello", by_user=True)])
    assert next(pieces) == "one "
    pieces.close()  # type: ignore[attr-defined]  # a generator's
    used = lines["language_model", "t"]
    assert (used.calls, used.tokens_in, used.tokens_out) == (1, 2, 1)


def test_pictures_that_are_shown_cost_something(lines: dict[Line, Used]) -> None:
    class Brief:
        name = "b"

        def talk(self, **_: object) -> Iterator[str]:
            yield "A cat."

    shown = Said("", by_user=True, pictures=(Picture(b"jpeg", "image/jpeg"),) * 2)
    assert list(MeteredTalker(Brief()).talk(system="", turns=[shown])) == ["A cat."]
    assert lines["language_model", "b"].tokens_in >= 200


def test_a_stream_is_asked_for_its_figures(server: ProviderServer) -> None:
    endpoint = OpenAIEndpoint(f"{server.address}/v1", timeout_s=TIMEOUT_S, provider="openai")
    talker = OpenAITalker(endpoint, model="m")
    with pytest.raises(ProviderError):  # this server does not stream
        list(talker.talk(system="", turns=[Said("hello", by_user=True)]))
    assert server.requests[0].body["stream_options"] == {"include_usage": True}
    endpoint.close()


def test_what_each_part_of_a_stream_has_cost_so_far_counts_once(
    server: ProviderServer, lines: dict[Line, Used]
) -> None:
    events = [
        {
            "choices": [{"delta": {"content": "a"}, "finish_reason": "stop" if written == 3 else None}],
            "usage": {"prompt_tokens": 100, "completion_tokens": written},
        }
        for written in (1, 2, 3)
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    server.script.append(Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"}))
    endpoint = OpenAIEndpoint(f"{server.address}/v1", timeout_s=TIMEOUT_S, provider="openai")
    talker = MeteredTalker(OpenAITalker(endpoint, model="m"))
    assert list(talker.talk(system="", turns=[Said("hello", by_user=True)])) == ["a", "a", "a"]
    assert lines["language_model", talker.name] == Used(calls=1, tokens_in=100, tokens_out=3)
    endpoint.close()


def test_what_an_answer_says_of_its_costs_may_be_nonsense(
    model: SeeingModel, server: ProviderServer, lines: dict[Line, Used]
) -> None:
    server.script.append(Reply(answer=GOOD_ANSWER, usage=(-5, 3)))
    ask(model)
    used = lines["language_model", model.name]
    assert used.estimated == used.tokens > 0


USED = {"usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 3, "thoughtsTokenCount": 2}}


def _vertex_events(*events: Mapping[str, object]) -> Reply:
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"})


def _part(text: str) -> dict[str, object]:
    return {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}], **USED}


@pytest.fixture
def vertex(project: Callable[[float], VertexProject]) -> MeteredTalker:
    return MeteredTalker(VertexTalker(project(TIMEOUT_S), model="g"))


def test_what_nobody_wanted_to_hear_to_its_end_has_cost_what_was_reported(
    vertex: MeteredTalker, server: ProviderServer, lines: dict[Line, Used]
) -> None:
    server.script.append(_vertex_events(_part("one "), _part("two ")))
    pieces = vertex.talk(system="", turns=[Said("hello", by_user=True)])
    assert next(pieces) == "one "
    pieces.close()  # type: ignore[attr-defined]  # a generator's
    assert lines["language_model", vertex.name] == Used(calls=1, tokens_in=100, tokens_out=5)


@pytest.mark.parametrize(
    "end",
    [
        {"candidates": [{"finishReason": "SAFETY"}], **USED},
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **USED},
    ],
)
def test_what_a_model_declined_has_cost_what_was_reported(
    vertex: MeteredTalker, server: ProviderServer, lines: dict[Line, Used], end: dict[str, object]
) -> None:
    server.script.append(_vertex_events(end))
    with pytest.raises(ProviderError):
        list(vertex.talk(system="", turns=[Said("hello", by_user=True)]))
    assert lines["language_model", vertex.name] == Used(calls=1, tokens_in=100, tokens_out=5)


def test_what_is_asked_again_has_cost_both(
    vertex: MeteredTalker, server: ProviderServer, lines: dict[Line, Used]
) -> None:
    stumbled = {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}], **USED}
    server.script += [
        _vertex_events(stumbled),
        _vertex_events(_part("one"), {"candidates": [{"finishReason": "STOP"}]}),
    ]
    assert list(vertex.talk(system="", turns=[Said("hello", by_user=True)])) == ["one"]
    assert lines["language_model", vertex.name] == Used(calls=1, tokens_in=200, tokens_out=10)
