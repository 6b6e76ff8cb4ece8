"""What the user wants of us is done by the chat, when they say so and not otherwise."""

import json
from typing import Any

import httpx
import pytest

from common.database import day_ends, users
from common.memories.edit import list_memories
from common.users.evenings import expect_evening
from tests.support.chat_model import ChatModel, calls, says
from tests.wire.chat.talking import say


def _known(uid: str) -> list[str]:
    return [memory.content for memory in list_memories(uid=uid, limit=10)]


def test_what_the_user_asks_to_be_remembered_is_once_and_as_their_own_word(
    api: httpx.Client, model: ChatModel, uid: str
) -> None:
    for _ in range(2):
        model.next.extend(
            [calls("save_user_preference_tool", preference=" User prefers short answers "), says("I will.")]
        )
        assert say(api, "Remember that I prefer short answers").text == "I will."
    [memory] = list_memories(uid=uid, limit=10)
    assert (memory.content, memory.category, memory.manually_added) == (
        "User prefers short answers",
        "preferences",
        True,
    )
    assert "Remembered: User prefers short answers" in json.dumps(model.turns[-1].body)


def test_the_day_is_summed_up_when_the_user_wants(api: httpx.Client, openai: ChatModel, uid: str) -> None:
    expect_evening(uid=uid)
    openai.next.extend([calls("manage_daily_summary_tool", hour=20), says("At eight.")])
    say(api, "Send me my summary at eight in the evening")
    assert "20:00 of the user's own time" in json.dumps(openai.turns[-1].body)
    end = day_ends.find(uid=uid)
    assert end is not None
    assert end.at.hour == 20
    openai.next.extend([calls("manage_daily_summary_tool", enabled=False), says("No more.")])
    say(api, "No more summaries, please")
    assert not users.find(uid=uid).daily_summary_enabled
    assert day_ends.find(uid=uid) is None
    openai.next.extend([calls("manage_daily_summary_tool"), says("There is none.")])
    say(api, "When do I get my summary?")
    assert "There is none." in json.dumps(openai.turns[-1].body)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("manage_daily_summary_tool", {"hour": 24}),
        ("manage_daily_summary_tool", {"enabled": False, "uid": "somebody"}),
        ("save_user_preference_tool", {"preference": " "}),
        ("save_user_preference_tool", {"preference": "x" * 501}),
        ("save_user_preference_tool", {}),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    api: httpx.Client, openai: ChatModel, uid: str, name: str, arguments: dict[str, Any]
) -> None:
    openai.next.extend([calls(name, **arguments), says("Sorry.")])
    say(api, "Do it")
    assert "These arguments are not taken" in json.dumps(openai.turns[-1].body)
    assert _known(uid) == []
    assert users.find(uid=uid).daily_summary_enabled


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("save_user_preference_tool", {"preference": "User likes spam"}), ("manage_daily_summary_tool", {"hour": 3})],
)
def test_nothing_is_changed_that_the_user_has_not_asked_for(
    api: httpx.Client, openai: ChatModel, uid: str, name: str, arguments: dict[str, Any]
) -> None:
    openai.decision.changes = False
    openai.next.extend([calls(name, **arguments), says("No.")])
    say(api, "What was said?")
    assert name not in openai.tools()
    assert _known(uid) == []
    assert users.find(uid=uid).daily_summary_hour_local == 22
