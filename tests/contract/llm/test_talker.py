"""What every talker does: an answer as it comes, patience before it begins, none after, errors that quote nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.openai import OpenAIEndpoint
from common.llm.openai_talking import OpenAITalker
from common.llm.policy import MAX_ATTEMPTS
from common.llm.talking import Piece, Said, Talker
from common.llm.vertex import VertexProject
from common.llm.vertex_talking import VertexTalker
from tests.contract.llm.provider_server import ProviderServer, Reply

SECRET = "the message holds a secret"  # noqa: S105 - it is what must not leak
TURNS = [Said("Hello", by_user=True), Said("Hi!", by_user=False), Said(SECRET, by_user=True)]
MakeTalker = Callable[[float], Talker]


@pytest.fixture(params=["openai", "vertex"])
def protocol(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def make_talker(
    protocol: str, endpoint: Callable[[float], OpenAIEndpoint], project: Callable[[float], VertexProject]
) -> MakeTalker:
    """Connects a talker with a time limit in seconds."""
    if protocol == "openai":
        return lambda timeout_s: OpenAITalker(endpoint(timeout_s), model="gpt-test")
    return lambda timeout_s: VertexTalker(project(timeout_s), model="gemini-3.5-flash-lite")


@pytest.fixture
def openai(endpoint: Callable[[float], OpenAIEndpoint]) -> Talker:
    """Gemini's library does not take what is no whole character."""
    return OpenAITalker(endpoint(5.0), model="gpt-test")


@pytest.fixture
def talker(make_talker: MakeTalker) -> Talker:
    return make_talker(5.0)


def _events(protocol: str, *texts: str, ends: str | None = "stop") -> list[dict[str, Any]]:
    """The events of an answer in the protocol's form; `ends` is why it ends, None where it breaks off."""
    if protocol == "openai":
        said: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": ends}]}
        return [*said, *([last] if ends else []), {"choices": [], "usage": {"total_tokens": 1}}]
    parts = [{"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]} for text in texts]
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
    end = {"candidates": [{"finishReason": reason[ends]}]} if ends else None
    return [*parts, *([end] if end else []), {"usageMetadata": {"totalTokenCount": 1}}]


def _stream(protocol: str, *texts: str, ends: str | None = "stop", **options: Any) -> Reply:
    events = [json.dumps(event) for event in _events(protocol, *texts, ends=ends)]
    if protocol == "openai" and ends:
        events.append("[DONE]")
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    return Reply(body=body, headers={"Content-Type": "text/event-stream"}, **options)


def _talk(talker: Talker) -> list[Piece]:
    return list(talker.talk(system="Be brief.", turns=TURNS))


def test_an_answer_comes_in_its_pieces(talker: Talker, server: ProviderServer, protocol: str) -> None:
    server.script.append(_stream(protocol, "Grüße, ", "你好\n\n", "data: [DONE] 🧠"))
    assert _talk(talker) == ["Grüße, ", "你好\n\n", "data: [DONE] 🧠"]
    [request] = server.requests
    sent = json.dumps(request.body)
    places = [sent.index(text) for text in ("Hello", "Hi!", SECRET)]
    assert places == sorted(places)
    assert "Be brief." in sent
    assert request.headers["authorization"].startswith("Bearer ")
    assert talker.name


def test_a_character_that_was_cut_in_two_is_whole(openai: Talker, server: ProviderServer) -> None:
    server.script.append(_stream("openai", "So \ud83d", "\ude00 it \ud83d", " is \ude00", " \ud83d"))
    assert _talk(openai) == ["So ", "😀 it ", "\ufffd is \ufffd", " ", "\ufffd"]


def test_an_answer_as_long_as_the_model_may_say_is_an_answer(
    talker: Talker, server: ProviderServer, protocol: str
) -> None:
    server.script.append(_stream(protocol, "And so on", ends="length"))
    assert _talk(talker) == ["And so on"]


@pytest.mark.parametrize(
    "busy", [Reply(status=429, headers={"Retry-After": "0"}), Reply(status=503), Reply(hang_up=True)]
)
def test_who_is_busy_is_asked_again(talker: Talker, server: ProviderServer, protocol: str, busy: Reply) -> None:
    server.script.extend([busy, _stream(protocol, "Now.")])
    assert _talk(talker) == ["Now."]
    assert len(server.requests) == 2


def test_patience_ends_after_a_few_attempts(talker: Talker, server: ProviderServer) -> None:
    server.script.extend([Reply(status=500, headers={"Retry-After": "0"})] * 9)
    with pytest.raises(ProviderError) as caught:
        _talk(talker)
    assert len(server.requests) == MAX_ATTEMPTS
    assert "secret" not in str(caught.value)


def test_an_answer_that_breaks_off_is_not_begun_again(talker: Talker, server: ProviderServer, protocol: str) -> None:
    server.script.extend([_stream(protocol, "Half of ", ends=None), _stream(protocol, "Whole.")])
    pieces = talker.talk(system="", turns=TURNS)
    assert next(pieces) == "Half of "
    with pytest.raises(ProviderError):
        next(pieces)
    assert len(server.requests) == 1


def test_an_answer_without_words_is_an_error(talker: Talker, server: ProviderServer, protocol: str) -> None:
    server.script.append(_stream(protocol))
    with pytest.raises(ProviderError):
        _talk(talker)


def test_a_model_that_declines_is_not_asked_again(talker: Talker, server: ProviderServer, protocol: str) -> None:
    server.script.append(_stream(protocol, ends="content_filter"))
    with pytest.raises(ProviderRefusedError):
        _talk(talker)
    assert len(server.requests) == 1


def test_a_trickle_is_cut_off_in_time(make_talker: MakeTalker, server: ProviderServer, protocol: str) -> None:
    server.script.append(_stream(protocol, *["word "] * 50, trickle_s=0.002))
    before = clock.monotonic()
    with pytest.raises(ProviderError):
        _talk(make_talker(1.0))
    # The client of Vertex AI fetches a token on the way.
    assert clock.monotonic() - before < 3


@pytest.mark.parametrize(
    "body",
    [b"data: <html>\n\n", b"data: []\n\n", b"data: 7\n\n", b'data: {"error": {"message": "no"}}\n\n', b""],
    ids=["html", "list", "number", "error", "nothing"],
)
def test_what_is_not_of_the_protocol_is_an_error(talker: Talker, server: ProviderServer, body: bytes) -> None:
    server.script.extend([Reply(body=body, headers={"Content-Type": "text/event-stream"})] * 5)
    with pytest.raises(ProviderError):
        _talk(talker)


def test_what_separates_lines_elsewhere_separates_none_here(
    talker: Talker, server: ProviderServer, protocol: str
) -> None:
    said = "one\u2028two\u2029three\x85four"
    body = "".join(f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in _events(protocol, said)).encode()
    server.script.append(Reply(body=body, headers={"Content-Type": "text/event-stream"}))
    assert _talk(talker) == [said]


def test_who_says_nothing_is_asked_again(talker: Talker, server: ProviderServer, protocol: str) -> None:
    server.script.extend([_stream(protocol), _stream(protocol, "Now.")])
    assert _talk(talker) == ["Now."]


@pytest.mark.parametrize("code", [429, 502, 503])
def test_an_error_for_an_answer_may_pass(talker: Talker, server: ProviderServer, protocol: str, code: int) -> None:
    server.script.extend([_failing({"error": {"code": code, "message": SECRET}}), _stream(protocol, "Now.")])
    assert _talk(talker) == ["Now."]


def test_an_error_that_says_what_is_wrong_with_the_request_does_not_pass(
    talker: Talker, server: ProviderServer
) -> None:
    server.script.append(_failing({"error": {"code": 400, "message": SECRET}}))
    with pytest.raises(ProviderRefusedError) as caught:
        _talk(talker)
    assert SECRET not in str(caught.value)
    assert len(server.requests) == 1


def test_an_error_in_the_midst_of_an_answer_ends_it(talker: Talker, server: ProviderServer, protocol: str) -> None:
    half = _events(protocol, "Half of ", ends=None)[0]
    server.script.extend([_failing(half, {"error": {"code": 502, "message": SECRET}}), _stream(protocol, "Whole.")])
    pieces = talker.talk(system="", turns=TURNS)
    assert next(pieces) == "Half of "
    with pytest.raises(ProviderError) as caught:
        next(pieces)
    assert SECRET not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "end",
    [
        {"choices": [{"delta": {"content": ""}, "finish_reason": "error"}], "error": {"code": 502, "message": SECRET}},
        {"choices": [{"delta": {}, "finish_reason": "error"}]},
        {"choices": [{"delta": {}, "finish_reason": "abort"}]},
        {"choices": [], "error": {"code": "server_error", "message": SECRET}},
        {"object": "error", "message": SECRET, "code": 500},
    ],
    ids=["openrouter", "error", "abort", "no choices", "vllm"],
)
def test_half_an_answer_is_not_taken_for_a_whole_one(
    openai: Talker, server: ProviderServer, end: dict[str, Any]
) -> None:
    body = _failing(_events("openai", "Half of ", ends=None)[0], end).body or b""
    server.script.append(Reply(body=body + b"data: [DONE]\n\n", headers={"Content-Type": "text/event-stream"}))
    pieces = openai.talk(system="", turns=TURNS)
    assert next(pieces) == "Half of "
    with pytest.raises(ProviderError):
        next(pieces)


def test_thoughts_that_stand_in_the_answer_are_not_said(openai: Talker, server: ProviderServer) -> None:
    server.script.append(_stream("openai", "<think>", "They ask ", "for it.</think>", "\n\n", "Here."))
    assert _talk(openai) == ["Here."]


def test_an_answer_that_is_only_kept_alive_ends_in_time(
    endpoint: Callable[[float], OpenAIEndpoint], server: ProviderServer
) -> None:
    server.script.append(
        Reply(body=b": PROCESSING\n\n" * 200, headers={"Content-Type": "text/event-stream"}, trickle_s=0.002)
    )
    before = clock.monotonic()
    with pytest.raises(ProviderError, match="no answer in 1 s"):
        _talk(OpenAITalker(endpoint(1.0), model="gpt-test"))
    assert clock.monotonic() - before < 3


@pytest.mark.parametrize(
    "complaint",
    [
        {"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]}},
        {"error": {"message": "Unknown field: include_usage", "code": 400}},
    ],
)
def test_who_cannot_say_what_a_stream_costs_is_not_asked(
    openai: Talker, server: ProviderServer, complaint: dict[str, Any]
) -> None:
    server.script.append(Reply(status=422, body=json.dumps(complaint).encode()))
    server.script.extend([_stream("openai", "Here."), _stream("openai", "Again.")])
    assert _talk(openai) == ["Here."]
    assert _talk(openai) == ["Again."]
    assert ["stream_options" in request.body for request in server.requests] == [True, False, False]


def _failing(*events: dict[str, Any]) -> Reply:
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"})
