"""Who answers in the chat."""

from functools import cache

from common.chat.ports import Answerer


@cache
def answerer() -> Answerer:
    """Made once per process; only what is used is loaded."""
    from common.chat.quoting import QuotingAnswerer

    return QuotingAnswerer()
