"""How much a passage tells, whatever is asked: "What did you do there?" is near every question, and answers none."""

import math
import re

from common.conversations.stretches import SENTENCE_ENDS, count_words

ASKING = 0.2
"""What a passage loses that only asks."""
LENGTH = 0.05
"""What it gains or loses by being e times as long as the usual one, or as short."""
_USUAL, _MOST = 10, 40
"""Words: of a turn, and up to which more of them tell more."""

_ASKS = re.compile(r"[?？؟][\s\"'»”’)\]]*$")  # noqa: RUF001 - Chinese and Arabic ask like that


def worth(text: str) -> float:
    """What is added to the score of a passage, around 0; docs/decisions/0024-search.md has the measurements."""
    lengths = [(count_words(sentence), _ASKS.search(sentence) is not None) for sentence in SENTENCE_ENDS.split(text)]
    words = sum(count for count, _ in lengths)
    if words == 0:
        return 0.0
    asked = sum(count for count, asks in lengths if asks)
    return LENGTH * math.log(min(words, _MOST) / _USUAL) - ASKING * asked / words
