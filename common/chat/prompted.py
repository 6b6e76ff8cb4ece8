"""Answering with a language model that knows what was said in the chat so far."""

from collections.abc import Iterator, Sequence

from common.chat.ports import Part, Question, Words
from common.llm.talking import Said, Talker
from common.models.chat import MessageSender, MessageView

PROMPT_VERSION = 1
SYSTEM = """\
You are the assistant of somebody who wears a device that records and transcribes their conversations.
Answer the last message briefly, in the language it is written in. Plain text or simple Markdown.
In this chat you see nothing but the messages themselves: neither the recorded conversations nor the content of files.
Where a question needs them, say so; never invent what was said, agreed or planned.
"""


class PromptedAnswerer:
    """Goes on with the chat as a language model would."""

    def __init__(self, talker: Talker) -> None:
        self._talker = talker

    @property
    def name(self) -> str:
        """The model."""
        return self._talker.name

    def answer(self, question: Question) -> Iterator[Part]:
        """What the model says next."""
        for piece in self._talker.talk(system=SYSTEM, turns=turns(question)):
            yield Words(piece)


def turns(question: Question) -> list[Said]:
    """The chat as the model gets it. It begins with the user, as some models demand."""
    told = [_said(message) for message in question.history if message.text.strip()]
    while told and not told[0].by_user:
        told.pop(0)
    return [*told, Said(_with_circumstances(question), by_user=True)]


def _said(message: MessageView) -> Said:
    return Said(message.text, by_user=message.sender is MessageSender.HUMAN)


def _with_circumstances(question: Question) -> str:
    lines: Sequence[str] = [question.message.text]
    if question.context is not None and question.context.title:
        lines = [*lines, f"(I am looking at this {question.context.type}: {question.context.title})"]
    if question.message.files:
        names = ", ".join(file.name for file in question.message.files)
        lines = [*lines, f"(Attached: {names})"]
    return "\n".join(lines)
