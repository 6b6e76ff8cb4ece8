"""An index that does not answer costs the chat what could have been looked up there, and not the answer."""

import json
import time

import httpx
import pytest

from tests.support.chat_model import ChatModel, calls, says
from tests.support.unwilling_pinecone import SEARCH_S, unwilling_pinecone
from tests.wire.chat.talking import say

SLACK_S = 3.0
"""For the rest of an answer, on a busy machine."""


@pytest.mark.parametrize("tool", ["search_conversations_tool", "search_memories_tool"])
def test_the_model_is_told_and_answers_all_the_same(
    api: httpx.Client, openai: ChatModel, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    with unwilling_pinecone(monkeypatch) as pinecone:
        pinecone.hangs = True
        openai.next.extend([calls(tool, query="the garden"), says("I cannot look it up right now.")])
        began = time.monotonic()
        assert say(api, "What about the garden?").text == "I cannot look it up right now."
        assert time.monotonic() - began < SEARCH_S + SLACK_S
        assert "The search does not answer, try again" in json.dumps(openai.turns[-1].body)
        assert pinecone.asked
