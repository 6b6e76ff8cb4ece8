"""What every talker does with tools: it tells the model of them, and says whole which of them are to be called."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from common.core import clock
from common.core.errors import ProviderError
from common.llm.calls_in_pieces import LONGEST_ARGUMENTS
from common.llm.openai import OpenAIEndpoint
from common.llm.openai_talking import OpenAITalker
from common.llm.policy import MAX_ATTEMPTS
from common.llm.ports import Picture
from common.llm.talking import MOST_CALLS, Answered, Call, Piece, Said, Talker, ToolDescription
from common.llm.vertex import VertexProject
from common.llm.vertex_talking import VertexTalker
from tests.contract.llm.provider_server import ProviderServer, Reply

SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TOOLS = [
    ToolDescription("search", "Finds things.", SCHEMA),
    ToolDescription("01ARZ_ask", "Asks an app.", {"type": "object", "properties": {}}),
]
ASKED = [Said("Where is it?", by_user=True)]


@pytest.fixture
def openai(endpoint: Callable[[float], OpenAIEndpoint]) -> Talker:
    return OpenAITalker(endpoint(30.0), model="gpt-test")


@pytest.fixture
def vertex(project: Callable[[float], VertexProject]) -> Talker:
    return VertexTalker(project(30.0), model="gemini-3.5-flash-lite")


@pytest.fixture(params=["openai", "vertex"])
def talker(request: pytest.FixtureRequest) -> Talker:
    made: Talker = request.getfixturevalue(request.param)
    return made


def _stream(events: list[dict[str, Any]], **options: Any) -> Reply:
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    return Reply(body=body, headers={"Content-Type": "text/event-stream"}, **options)


def _deltas(*deltas: dict[str, Any], ends: str | None = "tool_calls") -> Reply:
    events = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    return _stream([*events, *([{"choices": [{"index": 0, "delta": {}, "finish_reason": ends}]}] if ends else [])])


def _part(index: int | None, arguments: str = "", **first: str) -> dict[str, Any]:
    function = {"arguments": arguments} | ({"name": first["name"]} if "name" in first else {})
    part: dict[str, Any] = {"function": function} | ({"id": first["id"]} if "id" in first else {})
    return {"tool_calls": [part if index is None else {"index": index, **part}]}


def _candidates(*parts: list[dict[str, Any]], ends: str = "STOP") -> Reply:
    events: list[dict[str, Any]] = [{"candidates": [{"content": {"role": "model", "parts": each}}]} for each in parts]
    return _stream([*events, {"candidates": [{"finishReason": ends}]}])


def _talk(talker: Talker, *turns: Any, **options: Any) -> list[Piece]:
    return list(talker.talk(system="Help.", turns=turns or ASKED, tools=TOOLS, **options))


class TestOpenAI:
    """Over OpenAI's protocol calls come in pieces."""

    def test_a_call_is_put_together_from_its_pieces(self, openai: Talker, server: ProviderServer) -> None:
        server.script.append(
            _deltas(
                {"content": "Let me "},
                {"content": "look."},
                _part(0, id="c1", name="search"),
                _part(0, '{"que'),
                _part(0, 'ry": "the fl'),
                _part(0, 'at"}'),
            )
        )
        assert _talk(openai) == ["Let me ", "look.", Call("c1", "search", {"query": "the flat"})]
        [request] = server.requests
        assert [each["function"]["name"] for each in request.body["tools"]] == ["search", "01ARZ_ask"]
        assert request.body["tools"][0]["function"]["parameters"] == SCHEMA

    def test_calls_at_once_are_told_apart_though_their_pieces_are_mixed(
        self, openai: Talker, server: ProviderServer
    ) -> None:
        server.script.append(
            _deltas(
                _part(0, id="c1", name="search"),
                _part(1, '{"a"', id="c2", name="01ARZ_ask"),
                _part(0, '{"query": "x"}'),
                _part(1, ": 1}"),
            )
        )
        assert _talk(openai) == [Call("c1", "search", {"query": "x"}), Call("c2", "01ARZ_ask", {"a": 1})]

    def test_servers_that_number_nothing_are_understood(self, openai: Talker, server: ProviderServer) -> None:
        server.script.append(
            _deltas(_part(None, "{}", id="c1", name="search"), _part(None, '{"a": 1}', id="c2", name="01ARZ_ask"))
        )
        assert _talk(openai) == [Call("c1", "search", {}), Call("c2", "01ARZ_ask", {"a": 1})]

    def test_servers_that_give_every_call_the_same_number_are_understood(
        self, openai: Talker, server: ProviderServer
    ) -> None:
        server.script.append(
            _deltas(
                _part(0, '{"query": "x"}', id="c1", name="search"),
                _part(0, '{"query"', id="c2", name="search"),
                _part(0, ': "y"}'),
                _part(1, "{}", id="c3", name="01ARZ_ask"),
            )
        )
        assert _talk(openai) == [
            Call("c1", "search", {"query": "x"}),
            Call("c2", "search", {"query": "y"}),
            Call("c3", "01ARZ_ask", {}),
        ]

    @pytest.mark.parametrize("again", [{"id": "other"}, {"id": "c1", "name": "search"}])
    def test_servers_that_give_every_piece_an_id_are_understood(
        self, openai: Talker, server: ProviderServer, again: dict[str, str]
    ) -> None:
        server.script.append(_deltas(_part(0, '{"query"', id="c1", name="search"), _part(0, ': "x"}', **again)))
        assert _talk(openai) == [Call("c1", "search", {"query": "x"})]

    @pytest.mark.parametrize("index", [0, None])
    @pytest.mark.parametrize("named", [{"id": "call", "name": "search"}, {"name": "search"}])
    def test_servers_that_tell_calls_apart_by_nothing_are_understood(
        self, openai: Talker, server: ProviderServer, index: int | None, named: dict[str, str]
    ) -> None:
        server.script.append(
            _deltas(
                _part(index, '{"query": "x"}', **named),
                _part(index, '{"query"', **named),
                _part(index, ': "y"}', **named),
                _part(index, "", **named),
            )
        )
        first, second = _talk(openai)
        assert isinstance(first, Call)
        assert isinstance(second, Call)
        assert [first.arguments, second.arguments] == [{"query": "x"}, {"query": "y"}]
        assert first.id != second.id

    def test_no_two_calls_have_the_same_id(self, openai: Talker, server: ProviderServer) -> None:
        server.script.append(_deltas(*[_part(n, "{}", id="call", name="search") for n in range(3)]))
        assert [call.id for call in _talk(openai) if isinstance(call, Call)] == ["call", "call_1", "call_2"]

    def test_what_comes_with_a_call_goes_back_with_it(self, openai: Talker, server: ProviderServer) -> None:
        extra = {"google": {"thought_signature": "c2ln"}}
        part = _part(0, "{}", id="c1", name="search")["tool_calls"][0] | {"extra_content": extra}
        server.script.extend([_deltas({"tool_calls": [part]}), _deltas({"content": "Here."}, ends="stop")])
        [call] = _talk(openai)
        assert isinstance(call, Call)
        other = Call("c2", "search", {}, b"\xff of another provider")
        calling = Said("", by_user=False, calls=(call, other))
        _talk(openai, *ASKED, calling, Answered(call, "found"), Answered(other, "found"))
        first, second = server.requests[1].body["messages"][2]["tool_calls"]
        assert first["extra_content"] == extra
        assert "extra_content" not in second

    @pytest.mark.parametrize("arguments", ["{", "[1]", '"x"', "null", '{"a": }', "[" * 100_000])
    def test_arguments_that_are_no_object_are_none(
        self, openai: Talker, server: ProviderServer, arguments: str
    ) -> None:
        server.script.append(_deltas(_part(0, arguments, id="c1", name="search")))
        assert _talk(openai) == [Call("c1", "search", None)]

    @pytest.mark.parametrize(
        "arguments",
        [f'{{"a": {2**63}}}', '{"a": 1e999}', '{"a": "\\ud83d"}', '{"\\ud83d": 1}', '{"a":' * 40 + "1" + "}" * 40],
    )
    def test_arguments_that_no_store_takes_are_none(
        self, openai: Talker, server: ProviderServer, arguments: str
    ) -> None:
        server.script.append(_deltas(_part(0, arguments, id="c1", name="search")))
        assert _talk(openai) == [Call("c1", "search", None)]

    def test_half_a_character_in_a_name_is_replaced(self, openai: Talker, server: ProviderServer) -> None:
        server.script.append(_deltas(_part(0, "{}", id="c\ud83d", name="search\ude00")))
        assert _talk(openai) == [Call("c\ufffd", "search\ufffd", {})]

    def test_arguments_may_come_as_the_object_itself(self, openai: Talker, server: ProviderServer) -> None:
        function = {"name": "search", "arguments": {"query": "the flat"}}
        server.script.append(_deltas({"tool_calls": [{"index": 0, "id": "c1", "function": function}]}))
        assert _talk(openai) == [Call("c1", "search", {"query": "the flat"})]

    def test_words_may_come_in_parts_and_thoughts_are_none(self, openai: Talker, server: ProviderServer) -> None:
        parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Here."}]
        server.script.append(_deltas({"content": parts}, ends="stop"))
        assert _talk(openai) == ["Here."]

    def test_a_call_without_a_name_is_none_and_one_without_an_id_gets_one(
        self, openai: Talker, server: ProviderServer
    ) -> None:
        server.script.append(_deltas(_part(0, "{}", id="c1"), _part(1, name="search")))
        assert _talk(openai) == [Call("call_1", "search", {})]

    @pytest.mark.parametrize(
        "part",
        [_part(0, "x" * (LONGEST_ARGUMENTS + 1), id="c", name="search"), {"tool_calls": [7]}, {"tool_calls": 7}],
        ids=["endless", "a number", "no list"],
    )
    def test_what_is_no_call_is_an_error(self, openai: Talker, server: ProviderServer, part: dict[str, Any]) -> None:
        server.script.append(_deltas(part))
        with pytest.raises(ProviderError):
            _talk(openai)

    @pytest.mark.parametrize("counted", [True, False])
    def test_no_more_calls_are_heard_than_anybody_needs(
        self, openai: Talker, server: ProviderServer, *, counted: bool
    ) -> None:
        parts = [
            _part(n if counted else None, half, id=f"c{n}", name="search")
            for n in range(MOST_CALLS + 9)
            for half in ('{"query":', "1}")
        ]
        server.script.append(_deltas(*parts))
        assert _talk(openai) == [Call(f"c{n}", "search", {"query": 1}) for n in range(MOST_CALLS)]

    def test_a_call_that_breaks_off_is_not_made(self, openai: Talker, server: ProviderServer) -> None:
        server.script.extend([_deltas({"content": "Hm."}, _part(0, '{"query"', id="c1", name="search"), ends=None)])
        pieces = openai.talk(system="", turns=ASKED, tools=TOOLS)
        assert next(pieces) == "Hm."
        with pytest.raises(ProviderError):
            next(pieces)

    def test_the_model_sees_again_what_it_called_and_what_was_answered(
        self, openai: Talker, server: ProviderServer
    ) -> None:
        server.script.append(_deltas({"content": "Here."}, ends="stop"))
        first, second = Call("c1", "search", {"query": "x"}), Call("c2", "search", None)
        calling = Said("", by_user=False, calls=(first, second))
        _talk(openai, *ASKED, calling, Answered(first, "found"), Answered(second, "no object"))
        _, _, called, *answers = server.requests[0].body["messages"]
        assert [each["id"] for each in called["tool_calls"]] == ["c1", "c2"]
        assert [each["function"]["arguments"] for each in called["tool_calls"]] == ['{"query": "x"}', "{}"]
        assert answers == [
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
            {"role": "tool", "tool_call_id": "c2", "content": "no object"},
        ]


class TestVertex:
    """Gemini says calls whole."""

    def test_calls_come_between_words(self, vertex: Talker, server: ProviderServer) -> None:
        one = {"functionCall": {"name": "search", "args": {"query": "x"}}, "thoughtSignature": "c2ln"}
        two = {"functionCall": {"name": "_01ARZ_ask", "args": {}, "id": "own"}}
        server.script.append(_candidates([{"text": "Let me look."}], [one, two], [one]))
        assert _talk(vertex) == [
            "Let me look.",
            Call("call_0", "search", {"query": "x"}, b"sig"),
            Call("own", "01ARZ_ask", {}),
            Call("call_2", "search", {"query": "x"}, b"sig"),
        ]
        [declared] = server.requests[0].body["tools"]
        assert [each["name"] for each in declared["functionDeclarations"]] == ["search", "_01ARZ_ask"]
        first = declared["functionDeclarations"][0]
        # Google's APIs take either name of a field, and the SDK has sent both.
        assert first.get("parametersJsonSchema", first.get("parameters_json_schema")) == SCHEMA

    def test_the_model_sees_again_what_it_called_and_what_was_answered(
        self, vertex: Talker, server: ProviderServer
    ) -> None:
        server.script.append(_candidates([{"text": "Here."}]))
        first, second = Call("c1", "search", {"query": "x"}, b"sig"), Call("c2", "01ARZ_ask", {})
        calling = Said("Well", by_user=False, calls=(first, second))
        _talk(vertex, *ASKED, calling, Answered(first, "found"), Answered(second, "more"))
        _, called, answers = server.requests[0].body["contents"]
        assert called["role"] == "model"
        assert called["parts"][0] == {"text": "Well"}
        assert called["parts"][1]["functionCall"] == {"name": "search", "args": {"query": "x"}}
        assert called["parts"][1]["thoughtSignature"] == "c2ln"
        assert [each["functionResponse"]["response"] for each in answers["parts"]] == [
            {"output": "found"},
            {"output": "more"},
        ]
        assert answers["parts"][1]["functionResponse"]["name"] == "_01ARZ_ask"

    @pytest.mark.parametrize(
        "ends",
        [
            "MALFORMED_FUNCTION_CALL",
            "UNEXPECTED_TOOL_CALL",
            "TOO_MANY_TOOL_CALLS",
            "MALFORMED_RESPONSE",
            "OTHER",
            "NEW",
        ],
    )
    @pytest.mark.filterwarnings("ignore:NEW is not a valid")
    def test_a_turn_that_its_provider_could_not_take_is_asked_for_again(
        self, vertex: Talker, server: ProviderServer, ends: str
    ) -> None:
        server.script.extend([_candidates([], ends=ends), _candidates([{"text": "Now."}])])
        assert _talk(vertex) == ["Now."]
        assert len(server.requests) == 2 <= MAX_ATTEMPTS

    def test_no_more_calls_are_heard_than_anybody_needs(self, vertex: Talker, server: ProviderServer) -> None:
        call = {"functionCall": {"name": "search", "args": {}}}
        server.script.append(_candidates([{"text": "Now."}], [call] * (MOST_CALLS - 1), [call] * 5, [call]))
        said, *called = _talk(vertex)
        assert said == "Now."
        assert called == [Call(f"call_{place}", "search", {}) for place in range(MOST_CALLS)]

    def test_candidates_may_be_lacking_in_between(self, vertex: Talker, server: ProviderServer) -> None:
        said = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("One ", "two.")]
        server.script.append(
            _stream([said[0], {"candidates": []}, said[1], {"candidates": [{"finishReason": "STOP"}]}])
        )
        assert _talk(vertex) == ["One ", "two."]


@pytest.mark.parametrize("name", ["default_api.search now", "búsqueda", "x" * 200, "\n"])
def test_a_tool_that_there_is_not_does_not_make_the_next_request_invalid(
    talker: Talker, server: ProviderServer, name: str
) -> None:
    call = Call("c1", name, {})
    server.script.append(
        _stream(
            [
                {
                    "choices": [{"delta": {"content": "A."}, "finish_reason": "stop"}],
                    "candidates": [{"content": {"parts": [{"text": "A."}]}, "finishReason": "STOP"}],
                }
            ]
        )
    )
    _talk(talker, *ASKED, Said("", by_user=False, calls=(call,)), Answered(call, "There is no such tool."))
    told = re.findall(r'"(?:functionCall|functionResponse|function)": {[^}]*?"name": "([^"]*)"', _of_turns(server))
    assert told
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}", each) for each in told)


def test_who_calls_where_nothing_is_offered_is_asked_again(
    request: pytest.FixtureRequest, server: ProviderServer
) -> None:
    """As models do that have called something all along."""
    calling = {"content": {"parts": [{"functionCall": {"name": "search", "args": {}}}]}, "finishReason": "STOP"}
    call = {**_part(0, "{}", id="c1", name="search")}
    for talker, event in (
        ("openai", {"choices": [{"delta": call, "finish_reason": "tool_calls"}]}),
        ("vertex", {"candidates": [calling]}),
    ):
        said = {
            "openai": {"choices": [{"delta": {"content": "A."}, "finish_reason": "stop"}]},
            "vertex": {"candidates": [{"content": {"parts": [{"text": "A."}]}, "finishReason": "STOP"}]},
        }[talker]
        server.script.extend([_stream([event]), _stream([said])])
        made: Talker = request.getfixturevalue(talker)
        assert list(made.talk(system="Help.", turns=ASKED)) == ["A."]
    assert len(server.requests) == 4


def _of_turns(server: ProviderServer) -> str:
    body = server.requests[0].body
    return json.dumps(body.get("messages") or body["contents"])


def test_the_user_shows_pictures(talker: Talker, server: ProviderServer) -> None:
    shown = Said("What is this?", by_user=True, pictures=(Picture(b"jpeg", "image/jpeg"),))
    server.script.append(
        _stream(
            [
                {
                    "choices": [{"delta": {"content": "A."}, "finish_reason": "stop"}],
                    "candidates": [{"content": {"parts": [{"text": "A."}]}, "finishReason": "STOP"}],
                }
            ]
        )
    )
    assert _talk(talker, shown) == ["A."]
    assert "anBlZw==" in json.dumps(server.requests[0].body)


def test_a_silent_model_is_left_when_less_time_is_given(talker: Talker, server: ProviderServer) -> None:
    server.script.append(Reply(delay_s=10))
    before = clock.monotonic()
    with pytest.raises(ProviderError, match=r"no answer in 0\.\d+ s"):
        _talk(talker, within_s=0.5)
    assert clock.monotonic() - before < 8
