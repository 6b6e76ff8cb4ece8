"""What a question needs: whether to look anything up, and whether the user wants something changed.

The model that decides sees the user's own words, each message on a line of its own, and nothing else: neither what was
recorded or an app wrote, nor what the assistant has said, which may quote both, can make it believe that the user wants
anything. That a user says yes to the assistant's question counts where the assistant has asked one.
"""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from common.llm.ports import LanguageModel
from common.llm.unseen import seen
from common.models.chat import MessageSender, MessageType, MessageView

PROMPT_VERSION = 2
LOOKED_AT = 10
"""Messages, the question among them."""
_LONGEST = 2000
_QUESTION_MARKS = frozenset("?\uff1f\u061f\u037e")
SYSTEM = """\
You read what a user has last written, a message a line, to an assistant that can look up the user's recorded
conversations, what is known about the user, their tasks, calendar, files, the web, and can ask the user's apps. What
the assistant answered is not shown. Decide about the last message only:
- context: false only if it can be answered well without looking anything up, like a greeting, thanks, small talk, or
  general knowledge that does not depend on the user or on current events. When in doubt, true.
- changes: true only if the user asks with it for something to be created, remembered, changed, completed or sent, or
  completes such a wish of the messages before it.
- agrees: true only if it does nothing but say yes to something that the assistant may have proposed.
"""


class Needs(BaseModel):
    """What the last message needs."""

    context: bool = Field(description="Whether something has to be looked up")
    changes: bool = Field(description="Whether the user wants something created, changed, completed or sent")


class NeedsAnswer(Needs):
    """The form of the model's answer."""

    agrees: bool = Field(default=False, description="Whether the user only says yes")


def ask_needs(model: LanguageModel, history: Sequence[MessageView], message: MessageView) -> Needs:
    """Have a model decide.

    Raises:
        ProviderError: it does not.
    """
    theirs = [each for each in (*history[1 - LOOKED_AT :], message) if each.sender is MessageSender.HUMAN]
    lines = [" ".join(seen(each.text)[:_LONGEST].split()) for each in theirs if not each.from_external_integration]
    answer = model.generate(system=SYSTEM, prompt="\n".join(lines), response=NeedsAnswer)
    agreed = answer.agrees and _has_asked(history)
    return Needs(context=answer.context or agreed, changes=answer.changes or agreed)


def _has_asked(history: Sequence[MessageView]) -> bool:
    """Whether the last that was said before is a question of the assistant's, and neither an app's nor a summary."""
    last = history[-1] if history else None
    if last is None or last.sender is not MessageSender.AI or last.from_external_integration:
        return False
    return last.type is MessageType.TEXT and not _QUESTION_MARKS.isdisjoint(last.text)
