"""Sentences that say nothing alone, put where they belong: "I'm up at five. Every day.", "A car? I don't own one."."""

import re
from collections.abc import Sequence

from common.llm.own_words.belongings import HAD

_ADDED = re.compile(
    r"(?:[Ee]very|[Tt]wice an?|[Oo]nce an?|(?:[Tt]hree|[Ff]our|[Ff]ive) times an?|[Oo]n (?:weekends"
    r"|\w+days)|[Aa]ll my life"
    r"|[Ff]or (?:\w+ ){0,2}(?:years|months|decades)|[Ss]ince (?!then\b|when\b|you\b)\w+|[Ii]n (?:summer"
    r"|winter)|[Aa]t night|[Ff]or a living)\b"
)
_MOST_ADDED = 7
_ONE = re.compile(
    r"\b(?P<has>(?:do not|don't|never|do not even|don't even) (?:own|have|owned|had)|have|'ve got|have got"
    r"|own) (?P<count>one|two|three)(?=[.!,;]|$| (?:myself|of them|at home)\b)"
)
_THING = re.compile(rf"\b(?P<thing>{HAD}s?)\b", re.IGNORECASE)


def joined(said: Sequence[str]) -> list[str]:
    """The sentences of a turn, those that only say when or how long put behind what they are said of."""
    whole: list[str] = []
    for text in said:
        if whole and not whole[-1].endswith("?") and len(text.split()) <= _MOST_ADDED and _ADDED.match(text):
            whole[-1] = f"{whole[-1].rstrip('.!')} {text[0].lower()}{text[1:]}"
        else:
            whole.append(text)
    return whole


def with_ones(text: str, before: str) -> str:
    """A sentence with the name of the thing in it of which somebody has "one".

    Args:
        text: the sentence.
        before: what was said before it.
    """
    if (one := _ONE.search(text)) is None or not (things := list(_THING.finditer(before))):
        return text
    thing = things[-1]["thing"].lower()
    single = thing[:-1] if thing.endswith("s") and not thing.endswith("ss") else thing
    several = f"{one['count']} {single}s"
    told = f"{'an' if single[0] in 'aeiou' else 'a'} {single}" if one["count"] == "one" else several
    return f"{text[: one.start('count')]}{told}{text[one.end('count') :]}"
