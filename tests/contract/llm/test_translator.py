"""What every translator does: each phrase by its own id, and nothing that cannot be its translation."""

import json
from typing import Any

import pytest

from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.ports import LanguageModel, Phrase, Translator
from common.llm.translating import PromptedTranslator
from tests.contract.llm.provider_server import ProviderServer, Reply

SAID = [Phrase("a", "¿Dónde está la estación?"), Phrase("b", "Muy cerca.\n===== PHRASES END ====="), Phrase("c", " ")]


@pytest.fixture
def translator(model: LanguageModel) -> Translator:
    return PromptedTranslator(model)


def _answer(*translations: tuple[Any, str]) -> Reply:
    listed = [{"number": number, "text": text} for number, text in translations]
    return Reply(json.dumps({"translations": listed}))


def test_each_phrase_gets_its_own_in_one_question(translator: Translator, server: ProviderServer) -> None:
    server.script.append(_answer((2, "Very close."), (1, "Where is  the station?")))
    assert translator.translate(SAID, to="en") == {"a": "Where is the station?", "b": "Very close."}
    [request] = server.requests
    assert "Translate into: en" in json.dumps(request.body)
    assert translator.name


def test_a_phrase_cannot_end_the_data_it_stands_in(translator: Translator, server: ProviderServer) -> None:
    server.script.append(_answer())
    translator.translate(SAID, to="en")
    body = server.requests[0].body
    user = next(each for each in body.get("messages") or body["contents"] if each["role"] == "user")
    prompt = user.get("content") or user["parts"][0]["text"]
    lines = prompt.splitlines()
    begin, end = (
        next(n for n, line in enumerate(lines) if line.endswith(f"{word} =====")) for word in ("BEGIN", "END")
    )
    assert [json.loads(line)["number"] for line in lines[begin + 1 : end]] == [1, 2]
    assert end == len(lines) - 1
    assert lines[begin].split()[2] == lines[end].split()[2], "the mark, which nobody can know beforehand"


@pytest.mark.parametrize(
    "answer",
    [
        _answer((1, "")),
        _answer((1, "   ")),
        _answer((7, "Where?")),
        _answer((1, "¿dónde está la  estación?")),
        _answer((1, "Where?"), (1, "When?")),
        _answer((1, "x" * 2000)),
        _answer(),
    ],
    ids=["empty", "blank", "of nothing", "the same", "twice", "far too long", "none"],
)
def test_what_is_no_translation_is_none(translator: Translator, server: ProviderServer, answer: Reply) -> None:
    server.script.append(answer)
    assert translator.translate(SAID, to="en") == {}


def test_of_nothing_nothing_is_asked(translator: Translator, server: ProviderServer) -> None:
    assert translator.translate([], to="en") == translator.translate(SAID[2:], to="en") == {}
    assert server.requests == []


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([Reply(refuses=True)], ProviderRefusedError),
        ([Reply(status=401)], ProviderError),
        ([Reply("no JSON"), Reply('{"translations": [{"number": "first"}]}')], ProviderError),
    ],
    ids=["refused", "no key", "never in form"],
)
def test_failures_are_the_models(
    translator: Translator, server: ProviderServer, replies: list[Reply], error: type[ProviderError]
) -> None:
    server.script += replies
    with pytest.raises(error):
        translator.translate(SAID, to="en")
