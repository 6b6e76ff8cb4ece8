"""What a question needs: whether to look anything up, and whether the user wants something changed.

The model that decides sees the user's own words and its own answers, each on a line of its own, and nothing that was
recorded or that an app wrote: neither can make it believe that the user wants anything.
"""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from common.llm.ports import LanguageModel
from common.models.chat import MessageSender, MessageView

PROMPT_VERSION = 1
LOOKED_AT = 10
"""Messages, the question among them."""
_LONGEST = 2000
SYSTEM = """\
You read the end of a chat between a user and an assistant that can look up the user's recorded conversations, what is
known about the user, their tasks, calendar, files, the web, and can ask the user's apps.
Decide about the last message only:
- context: false only if it can be answered well without looking anything up, like a greeting, thanks, small talk, or
  general knowledge that does not depend on the user or on current events. When in doubt, true.
- changes: true only if the user asks for something to be created, remembered, changed, completed or sent.
"""


class Needs(BaseModel):
    """What the last message needs."""

    context: bool = Field(description="Whether something has to be looked up")
    changes: bool = Field(description="Whether the user wants something created, changed, completed or sent")


def ask_needs(model: LanguageModel, history: Sequence[MessageView], message: MessageView) -> Needs:
    """Have a model decide.

    Raises:
        ProviderError: it does not.
    """
    theirs = [each for each in (*history, message) if not each.from_external_integration]
    lines = [f"{_who(each)}: {' '.join(each.text[:_LONGEST].split())}" for each in theirs[-LOOKED_AT:]]
    return model.generate(system=SYSTEM, prompt="\n".join(lines), response=Needs)


def _who(message: MessageView) -> str:
    return "User" if message.sender is MessageSender.HUMAN else "Assistant"
