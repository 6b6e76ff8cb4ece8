"""How much what somebody says of themselves matters for good, by the form in which they say it."""

import re

from common.llm.own_words.being import BEING
from common.llm.own_words.doing import DOING_AND_LIKING
from common.llm.own_words.habits import habit_of
from common.llm.own_words.having import HAVING
from common.llm.own_words.living import LIVING
from common.llm.words import content_words

_PASSES = re.compile(
    r"\b(?:again|tonight|tomorrow|once more|at once|first$|one more time|right now|like that"
    r"|this (?:time|morning|afternoon|evening|one)|in a (?:second|minute|moment))\b",
    re.IGNORECASE,
)


def weight_of(predicate: str) -> int:
    """How much what follows "I" or "we" matters for good; 0 where it doesn't."""
    if not content_words(predicate) or _PASSES.search(predicate):
        return 0
    verb, _, rest = predicate.partition(" ")
    if verb == "am":
        return BEING.weight_of(rest)
    if verb == "have":
        return HAVING.weight_of(rest)
    return max(LIVING.weight_of(predicate), DOING_AND_LIKING.weight_of(predicate)) or habit_of(predicate)
