"""A category for a fact that came without one: a modest rule, by the words that speak for it.

The category with the most words in the text wins, the earlier of two that have as many; none of them means `system`.
"""

import re

from common.models.memory import MemoryCategory

_SPEAKING_FOR = {
    MemoryCategory.HEALTH: (
        "allergic allergy allergies asthma diabetes diet doctor exercise exercises fitness gym health healthy hospital "
        "ill illness insomnia medication medicine migraine pain pills sleep sleeps surgery symptom symptoms therapy "
        "vegan vegetarian vitamin weight workout"
    ),
    MemoryCategory.RELATIONSHIPS: (
        "aunt boyfriend brother child children cousin dad dating daughter divorced engaged family father fiance "
        "friend friends girlfriend grandfather grandmother husband married mom mother mum neighbour neighbor nephew "
        "niece parents partner sister son spouse uncle wife wedding"
    ),
    MemoryCategory.WORK: (
        "boss budget business career client clients colleague colleagues company conference coworker customer deadline "
        "employee employer engineer freelancer hired job manager meeting meetings office profession project projects "
        "promotion salary startup team work worked works"
    ),
    MemoryCategory.PREFERENCES: (
        "dislike dislikes enjoys fan favorite favourite hate hates like likes love loves prefer preference prefers"
    ),
    MemoryCategory.PERSONAL: (
        "address age birthday born car cat dog flat grew home hometown house lives moved name nationality pet speaks "
        "studied university"
    ),
}
_WORDS = {category: frozenset(words.split()) for category, words in _SPEAKING_FOR.items()}
_WORD = re.compile(r"[^\W\d_]+")


def categorise(content: str) -> MemoryCategory:
    """The category that `content` speaks for."""
    said = _WORD.findall(content.lower())
    counts = {category: sum(word in known for word in said) for category, known in _WORDS.items()}
    best = max(counts, key=lambda category: counts[category])
    return best if counts[best] else MemoryCategory.SYSTEM
