"""How much may be done for one answer (CONTRACT section 6.2). Pure."""

import json
from collections.abc import Sequence

from common.chat.stored_turns import Stored, calls_of
from common.core.metering import estimate
from common.llm.talking import Answered, Said, Turn

MOST_CALLS = 25
LOOP_WINDOW = 3
"""The same call so often, one after the other, is a loop."""
LONGEST_ANSWER = 100_000
"""Characters; whatever a model says after that is not heard any more."""
LEFT_OUT = "(left out: too much was read since)"


def calls_made(turns: Sequence[Stored]) -> int:
    """How many tools were called so far."""
    return sum(1 for turn in turns if "call" in turn)


def enough(turns: Sequence[Stored]) -> bool:
    """Whether no more tools may be called."""
    calls = [json.dumps([call.name, call.arguments], sort_keys=True) for turn in turns for call in calls_of(turn)]
    newest = calls[-LOOP_WINDOW:]
    return calls_made(turns) >= MOST_CALLS or (len(newest) == LOOP_WINDOW and len(set(newest)) == 1)


def fitted(turns: Sequence[Turn], *, most_tokens: int) -> list[Turn]:
    """The turns, without the oldest answers of tools where all of them are more than a model can read."""
    size = sum(_size(turn) for turn in turns)
    kept: list[Turn] = []
    for turn in turns:
        if size > most_tokens and isinstance(turn, Answered):
            size -= _size(turn) - estimate(LEFT_OUT)
            kept.append(Answered(turn.call, LEFT_OUT))
        else:
            kept.append(turn)
    return kept


def _size(turn: Turn) -> int:
    """Tokens, roughly."""
    return estimate(turn.text if isinstance(turn, Said) else turn.content)
