"""Who answers in the chat: the language model if there is one, quotations otherwise."""

from functools import cache

from common.chat.ports import Answerer
from common.llm.providers import talker


@cache
def answerer() -> Answerer:
    """Made once per process; only what is used is loaded."""
    if (model := talker()) is not None:
        from common.chat.prompted import PromptedAnswerer

        return PromptedAnswerer(model)
    from common.chat.quoting import QuotingAnswerer

    return QuotingAnswerer()
