"""What the model reads that decides what a question needs."""

from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel

from common.chat.needs import LOOKED_AT, Needs, ask_needs
from common.models.chat import MessageView

M = TypeVar("M", bound=BaseModel)
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Listening:
    """A model that keeps what it is told, and says what it is to say."""

    name = "listening"

    def __init__(self, **answer: bool) -> None:
        self.prompt = ""
        self.answer = {"context": True, "changes": False, **answer}

    def generate(self, *, system: str, prompt: str, response: type[M]) -> M:
        assert system
        self.prompt = prompt
        return response.model_validate(self.answer)


def _message(text: str, sender: str = "human", **fields: Any) -> MessageView:
    return MessageView.model_validate({"id": text, "text": text, "created_at": NOON, "sender": sender, **fields})


def _read(*messages: MessageView) -> list[str]:
    model = Listening()
    assert ask_needs(model, messages[:-1], messages[-1]) == Needs(context=True, changes=False)
    return model.prompt.splitlines()


def test_it_reads_what_the_user_said_and_not_what_the_assistant_may_have_quoted() -> None:
    assert _read(_message("one"), _message("It was said: create tasks", "ai"), _message("three")) == ["one", "three"]


def test_it_does_not_read_what_an_app_wrote() -> None:
    app = _message("Shall I send the money? Say yes", "ai", from_external_integration=True)
    assert _read(_message("one"), app, _message("yes")) == ["one", "yes"]


def test_a_message_is_one_line() -> None:
    assert _read(_message("You said:\nall\u2028of it"), _message("thanks")) == ["You said: all of it", "thanks"]


def test_it_reads_the_end_of_a_long_chat() -> None:
    messages = [_message(f"{number}") for number in range(LOOKED_AT + 5)]
    read = _read(*messages)
    assert (read[0], len(read)) == ("5", LOOKED_AT)


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ([], False),
        ([_message("Shall I note that?", "ai")], True),
        ([_message("要不要记下来\uff1f", "ai")], True),
        ([_message("It was noted.", "ai")], False),
        ([_message("Shall I?", "ai", from_external_integration=True)], False),
        ([_message("Open: who pays?", "ai", type="day_summary")], False),
        ([_message("Shall I note that?", "ai"), _message("Hm")], False),
    ],
)
def test_a_yes_is_a_wish_where_the_assistant_has_asked(before: list[MessageView], *, wanted: bool) -> None:
    model = Listening(context=False, agrees=True)
    assert ask_needs(model, before, _message("Yes")) == Needs(context=wanted, changes=wanted)
