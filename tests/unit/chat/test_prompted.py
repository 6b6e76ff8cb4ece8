"""What a language model is told of a chat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.chat.ports import Question, Words
from common.chat.prompted import PromptedAnswerer, turns
from common.llm.talking import Said
from common.models.chat import MessageContext, MessageView

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class Echo:
    """Says what it heard last, word by word."""

    name: str = "echo"
    systems: list[str] = field(default_factory=list)

    def talk(self, *, system: str, turns: Sequence[Said]) -> Iterator[str]:
        self.systems.append(system)
        yield from turns[-1].text.split(" ")


def _message(text: str, sender: str = "human", **fields: Any) -> MessageView:
    return MessageView.model_validate({"id": text, "text": text, "created_at": NOON, "sender": sender, **fields})


def test_the_chat_is_told_in_order_and_begins_with_the_user() -> None:
    history = (_message("welcome", "ai"), _message("one"), _message("answer", "ai"), _message(" "))
    told = turns(Question(uid="u", message=_message("two"), history=history))
    assert told == [Said("one", by_user=True), Said("answer", by_user=False), Said("two", by_user=True)]


def test_what_is_attached_and_looked_at_is_named() -> None:
    file = {"id": "f", "name": "plan.pdf", "mime_type": "application/pdf", "created_at": NOON}
    context = MessageContext(type="conversation", title="The flat")
    [only] = turns(Question(uid="u", message=_message("well?", files=[file]), context=context))
    assert only.text == "well?\n(I am looking at this conversation: The flat)\n(Attached: plan.pdf)"


def test_the_words_are_the_models() -> None:
    echo = Echo()
    answerer = PromptedAnswerer(echo)
    assert list(answerer.answer(Question(uid="u", message=_message("say it")))) == [Words("say"), Words("it")]
    assert answerer.name == "echo"
    assert "never invent" in echo.systems[0]
