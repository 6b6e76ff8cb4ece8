"""A dialogue that is too long for one question is asked about in parts, whatever the model."""

import json
from datetime import UTC, datetime

import pytest

from common.core.errors import ProviderError
from common.llm.long_summaries import summarize_whole
from common.llm.parts import Limits
from common.llm.ports import Dialogue, LanguageModel, Turn
from common.llm.summarizing import ExtractiveSummarizer, PromptedSummarizer
from tests.contract.llm.provider_server import ProviderServer, Reply

LIMITS = Limits(tokens=60, parallel=2, seconds=10.0)
BEGAN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _dialogue(turns: int) -> Dialogue:
    said = [Turn("Speaker 1", f"word{number} " * 10, float(number), number + 1.0) for number in range(turns)]
    return Dialogue(tuple(said), BEGAN, "en")


def _answer(text: str) -> Reply:
    return Reply(json.dumps({"summary": text}))


def test_every_part_is_asked_about_and_then_what_came_of_them(model: LanguageModel, server: ProviderServer) -> None:
    server.script += [_answer("a note")] * 20
    summary = summarize_whole(PromptedSummarizer(model), _dialogue(8), prompt="What was said?", limits=LIMITS)
    assert summary == "a note"
    *parts, last = [json.dumps(request.body) for request in server.requests]
    assert len(parts) > 1
    assert all(sum(f"word{number} " in part for part in parts) == 1 for number in range(8))
    assert not any(f"word{number} " in last for number in range(8))
    assert last.count("a note") == len(parts)
    assert all("What was said?" in asked for asked in (*parts, last))


def test_a_short_one_is_one_question(model: LanguageModel, server: ProviderServer) -> None:
    server.script.append(_answer("short"))
    assert summarize_whole(PromptedSummarizer(model), _dialogue(1), prompt="x", limits=LIMITS) == "short"
    assert len(server.requests) == 1


def test_a_part_that_fails_fails_all(model: LanguageModel, server: ProviderServer) -> None:
    server.script += [_answer("a note"), Reply(status=400)]
    with pytest.raises(ProviderError):
        summarize_whole(PromptedSummarizer(model), _dialogue(8), prompt="x", limits=LIMITS)


def test_without_a_model_no_parts_are_needed() -> None:
    answer = summarize_whole(ExtractiveSummarizer(), _dialogue(8), prompt="word7 word2", limits=LIMITS)
    assert answer.count("No language model") == 1
    assert answer.index("word2") < answer.index("word7")
