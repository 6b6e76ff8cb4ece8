"""What every language model does: an answer in form, one repair, bounded patience, and errors that quote nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from common.core import clock
from common.core.errors import ProviderDeclinedError, ProviderError, ProviderRefusedError
from common.llm.openai import OpenAIEndpoint, OpenAILanguageModel
from common.llm.policy import MAX_ATTEMPTS
from common.llm.ports import LanguageModel
from common.llm.vertex import VertexLanguageModel, VertexProject
from tests.contract.llm.conftest import MakeModel
from tests.contract.llm.provider_server import GOOD_ANSWER, ProviderServer, Reply

SECRET = "the transcript holds a secret"  # noqa: S105 - it is what must not leak


class Note(BaseModel):
    """The form asked for."""

    title: str
    tags: list[str] = []


def _ask(model: LanguageModel) -> Note:
    return model.generate(system="You take notes.", prompt=SECRET, response=Note)


def _sent(body: dict[str, Any]) -> str:
    return json.dumps(body)


def test_an_answer_comes_in_the_form_asked_for(model: LanguageModel, server: ProviderServer) -> None:
    assert _ask(model) == Note(title="Budget", tags=["money"])
    (request,) = server.requests
    sent = _sent(request.body)
    assert all(part in sent for part in ("You take notes.", SECRET, '"tags"', '"required"'))
    assert request.headers["authorization"].startswith("Bearer ")
    assert model.name


@pytest.mark.parametrize(
    "bad",
    [
        Reply("no JSON at all"),
        Reply('{"title": 7}'),
        Reply('{"title": "Bud', cut_off=True),
        Reply(""),
    ],
    ids=["no-json", "wrong-schema", "truncated", "empty"],
)
def test_a_malformed_answer_is_repaired_once(model: LanguageModel, server: ProviderServer, bad: Reply) -> None:
    server.script.append(bad)
    assert _ask(model).title == "Budget"
    first, second = server.requests
    assert "can't be read" in _sent(second.body)
    assert "can't be read" not in _sent(first.body)


class Notes(BaseModel):
    """A form that demands nothing."""

    notes: list[str] = []


@pytest.mark.parametrize("wrapped", ['{"answer": {"notes": ["x"]}}', '{"result": []}'])
def test_an_answer_of_another_form_does_not_pass_for_one_that_says_nothing(
    model: LanguageModel, server: ProviderServer, wrapped: str
) -> None:
    def ask() -> Notes:
        return model.generate(system="You take notes.", prompt=SECRET, response=Notes)

    server.script += [Reply(wrapped), Reply('{"notes": ["x"]}')]
    assert ask() == Notes(notes=["x"])
    assert "none of the fields" in _sent(server.requests[-1].body)
    server.script += [Reply(wrapped), Reply(wrapped)]
    with pytest.raises(ProviderError, match="does not have the form"):
        ask()
    server.script += [Reply("{}"), Reply('{"notes": [], "more": 1}')]
    assert ask() == ask() == Notes()


def test_a_second_malformed_answer_is_an_error(model: LanguageModel, server: ProviderServer) -> None:
    server.script.extend([Reply(SECRET), Reply(SECRET), Reply(GOOD_ANSWER)])
    with pytest.raises(ProviderError) as caught:
        _ask(model)
    assert not isinstance(caught.value, ProviderRefusedError)
    assert len(server.requests) == 2
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("first", [None, "no JSON, and half a \ud83d"], ids=["at-once", "after-a-repair"])
def test_half_a_character_is_replaced(model: LanguageModel, server: ProviderServer, first: str | None) -> None:
    good = Reply('{"title": "Budget \\ud83d", "tags": ["\\ud83d\\ude00"]}')
    server.script.extend([good] if first is None else [Reply(first), good])
    note = _ask(model)
    assert note == Note(title="Budget \ufffd", tags=["\U0001f600"])
    assert note.model_dump_json()


class Part(BaseModel):
    """A part of a form."""

    name: str
    number: int = 1


class Whole(BaseModel):
    """A form with parts."""

    title: str
    parts: list[Part] = []


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        ([{"name": "a"}, {"number": 2}, "b", None, {"name": "c"}], [Part(name="a"), Part(name="c")]),
        ([{"name": "a", "number": 4.5}, {"name": None, "number": 2}], [Part(name="a")]),
        (None, []),
        ({"name": "a"}, []),
    ],
)
def test_what_cannot_be_read_of_a_second_answer_either_is_left_out(
    model: LanguageModel, server: ProviderServer, parts: Any, read: list[Part]
) -> None:
    server.script.extend([Reply(json.dumps({"title": "T", "parts": parts}))] * 2)
    assert model.generate(system="s", prompt="p", response=Whole) == Whole(title="T", parts=read)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "answer", ["{}", '{"title": null}', '{"parts": [{"number": 1}]}', "[]", "null", '{"title": []}']
)
def test_nothing_is_made_up_for_what_lacks(model: LanguageModel, server: ProviderServer, answer: str) -> None:
    server.script.extend([Reply(answer)] * 2)
    with pytest.raises(ProviderError):
        model.generate(system="s", prompt="p", response=Whole)


def test_an_answer_without_end_is_not_sent_back_whole(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(Reply('{"title": "' + "x" * 2_000_000))
    assert _ask(model).title == "Budget"
    assert len(_sent(server.requests[-1].body)) < 20_000


@pytest.mark.parametrize(
    "busy", [Reply(status=429, headers={"Retry-After": "1"}), Reply(status=503), Reply(status=500)]
)
def test_a_busy_provider_is_asked_again(model: LanguageModel, server: ProviderServer, busy: Reply) -> None:
    server.script.append(busy)
    before = clock.monotonic()
    assert _ask(model).title == "Budget"
    assert len(server.requests) == 2
    if busy.headers:
        assert clock.monotonic() - before >= 1


def test_a_provider_that_hangs_up_is_asked_again(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(Reply(hang_up=True))
    assert _ask(model).title == "Budget"


def test_patience_ends_after_a_few_attempts(model: LanguageModel, server: ProviderServer) -> None:
    server.script.extend([Reply(status=500, headers={"Retry-After": "0"})] * 9)
    with pytest.raises(ProviderError) as caught:
        _ask(model)
    assert caught.value.retryable
    assert len(server.requests) == MAX_ATTEMPTS
    assert "transcript" not in str(caught.value)


def test_advice_to_wait_longer_than_there_is_time_ends_it_at_once(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(Reply(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(ProviderError):
        _ask(model)
    assert len(server.requests) == 1


def test_a_slow_provider_is_given_up_on_in_time(make_model: MakeModel, server: ProviderServer) -> None:
    model = make_model(1.0)
    server.script.append(Reply(delay_s=3))
    before = clock.monotonic()
    with pytest.raises(ProviderError):
        _ask(model)
    # The client of Vertex AI fetches a token on the way.
    assert clock.monotonic() - before < 2.5


def test_a_provider_that_declines_is_not_asked_again(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(Reply(refuses=True))
    with pytest.raises(ProviderDeclinedError) as caught:
        _ask(model)
    assert not caught.value.retryable
    assert len(server.requests) == 1


def test_a_request_that_is_never_accepted_is_not_sent_again(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(Reply(status=400))
    with pytest.raises(ProviderRefusedError) as caught:
        _ask(model)
    assert len(server.requests) == 1
    assert "transcript" not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_operator_can_mend_stays_retryable(model: LanguageModel, server: ProviderServer, status: int) -> None:
    server.script.append(Reply(status=status))
    with pytest.raises(ProviderError) as caught:
        _ask(model)
    assert caught.value.retryable
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b""], ids=["html", "list", "empty-object", "nothing"])
def test_an_answer_that_is_not_of_the_protocol_is_an_error(
    model: LanguageModel, server: ProviderServer, body: bytes
) -> None:
    server.script.extend([Reply(body=body)] * 5)
    with pytest.raises(ProviderError):
        _ask(model)


@pytest.mark.parametrize(
    "answer",
    [
        f"Here is what you asked for:\n\n{GOOD_ANSWER}\n\nAnything else?",
        f"Here it is.\n```json\n{GOOD_ANSWER}\n```\nDone.",
        f"```\n{GOOD_ANSWER}",
        f'<think>A title, so {{"title": ...}}.</think>\n{GOOD_ANSWER}',
        f"\ufeff{GOOD_ANSWER}",
    ],
    ids=["explained", "fenced in", "half fenced in", "thought about", "marked"],
)
def test_the_one_object_of_an_answer_is_the_answer(model: LanguageModel, server: ProviderServer, answer: str) -> None:
    server.script.append(Reply(answer))
    assert _ask(model).title == "Budget"
    assert len(server.requests) == 1


class Optional(BaseModel):
    """A form in which anything may lack."""

    tags: list[str] = []


@pytest.mark.parametrize(
    "answer",
    ['Use {}: {"tags": ["a"]}', 'Here: [{"tags": ["a"]}]', '{"tags": ["a"], "more": {"b": 1', '{}\n{"tags": ["a"]}'],
    ids=["two objects", "a list", "cut off", "twice"],
)
def test_an_object_is_not_taken_for_the_answer_where_it_may_be_another(
    model: LanguageModel, server: ProviderServer, answer: str
) -> None:
    server.script.extend([Reply(answer), Reply('{"tags": ["a", "b"]}')])
    assert model.generate(system="s", prompt="p", response=Optional).tags == ["a", "b"]


def test_who_answers_nothing_is_told_so_in_turns_that_are_not_empty(
    model: LanguageModel, server: ProviderServer
) -> None:
    server.script.append(Reply("  "))
    assert _ask(model).title == "Budget"
    assert "(no answer)" in _sent(server.requests[-1].body)


class TestOpenAI:
    """What other servers make of OpenAI's protocol."""

    REFUSED = Reply(
        status=400,
        body=json.dumps({"error": {"message": f"This response_format type is unavailable. {SECRET}"}}).encode(),
    )

    @pytest.fixture
    def model(self, endpoint: Callable[[float], OpenAIEndpoint]) -> OpenAILanguageModel:
        return OpenAILanguageModel(endpoint(30.0), model="deepseek-chat")

    def test_who_knows_no_schemas_is_told_the_form_in_words(
        self, model: OpenAILanguageModel, server: ProviderServer
    ) -> None:
        server.script.append(self.REFUSED)
        assert _ask(model).title == "Budget"
        assert _ask(model).title == "Budget"
        refused, *told = server.requests
        assert "response_format" in refused.body
        assert len(told) == 2
        for each in told:
            assert "response_format" not in each.body
            system = each.body["messages"][0]["content"]
            assert system.startswith("You take notes.")
            assert '"required": ["title", "tags"]' in system

    def test_another_form_may_be_taken(self, model: OpenAILanguageModel, server: ProviderServer) -> None:
        server.script.append(self.REFUSED)
        _ask(model)
        model.generate(system="s", prompt="p", response=Optional)
        assert "response_format" in server.requests[-1].body

    def test_who_takes_neither_has_refused(self, model: OpenAILanguageModel, server: ProviderServer) -> None:
        server.script.extend([self.REFUSED] * 2)
        with pytest.raises(ProviderRefusedError) as caught:
            _ask(model)
        assert len(server.requests) == 2
        assert SECRET not in str(caught.value)

    def test_a_filter_that_refuses_the_request_declines(
        self, model: OpenAILanguageModel, server: ProviderServer
    ) -> None:
        refused = {"error": {"message": SECRET, "param": "prompt", "code": "content_filter", "status": 400}}
        server.script.append(Reply(status=400, body=json.dumps(refused).encode()))
        with pytest.raises(ProviderDeclinedError):
            _ask(model)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("code", [502, "server_error", None])
    def test_an_error_for_an_answer_may_pass(
        self, model: OpenAILanguageModel, server: ProviderServer, code: int | str | None
    ) -> None:
        server.script.append(Reply(body=json.dumps({"error": {"code": code, "message": SECRET}}).encode()))
        assert _ask(model).title == "Budget"


class TestVertex:
    """How Gemini ends."""

    @pytest.fixture
    def model(self, project: Callable[[float], VertexProject]) -> VertexLanguageModel:
        return VertexLanguageModel(project(30.0), model="gemini-3.5-flash-lite")

    @pytest.mark.parametrize("ends", ["OTHER", "MALFORMED_RESPONSE", None])
    def test_who_stumbles_is_asked_again(
        self, model: VertexLanguageModel, server: ProviderServer, ends: str | None
    ) -> None:
        server.script.append(_ending(ends))
        assert _ask(model).title == "Budget"
        assert len(server.requests) == 2

    @pytest.mark.parametrize("ends", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "MODEL_ARMOR", "SPII"])
    def test_who_declines_is_not(self, model: VertexLanguageModel, server: ProviderServer, ends: str) -> None:
        server.script.append(_ending(ends))
        with pytest.raises(ProviderDeclinedError):
            _ask(model)
        assert len(server.requests) == 1

    @pytest.mark.parametrize(("told", "asked"), [("1.5s", 2), ("3600s", 1)])
    def test_google_says_in_its_answer_when_to_come_back(
        self, model: VertexLanguageModel, server: ProviderServer, told: str, asked: int
    ) -> None:
        advice = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": told}
        details = [{"@type": "type.googleapis.com/google.rpc.Help"}, advice]
        busy = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": SECRET, "details": details}}
        server.script.append(Reply(status=429, body=json.dumps(busy).encode()))
        before = clock.monotonic()
        if asked == 1:
            with pytest.raises(ProviderError):
                _ask(model)
        else:
            assert _ask(model).title == "Budget"
            assert clock.monotonic() - before >= 1.5
        assert len(server.requests) == asked

    @pytest.mark.parametrize("details", [None, {}, [7], [{"@type": "google.rpc.RetryInfo"}], "soon"])
    def test_advice_that_makes_no_sense_is_none(
        self, model: VertexLanguageModel, server: ProviderServer, details: Any
    ) -> None:
        server.script.append(Reply(status=429, body=json.dumps({"error": {"code": 429, "details": details}}).encode()))
        assert _ask(model).title == "Budget"


def _ending(reason: str | None) -> Reply:
    """An answer of Gemini that is none; no reason: without candidates."""
    candidates = [] if reason is None else [{"finishReason": reason}]
    return Reply(body=json.dumps({"candidates": candidates}).encode())
