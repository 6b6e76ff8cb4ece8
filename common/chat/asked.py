"""What a question asks for, understood without a language model: of which time, with whom, how often, after what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.chat.named import is_named, without_name
from common.chat.phrases import language_of
from common.chat.tasks_asked import days_in_english
from common.indexing.periods import Period, asks_only_when, find_period
from common.indexing.stop_words import STOP_WORDS
from common.indexing.terms import words_of
from common.llm.dates import find_day
from common.llm.words import FILLER_WORDS, content_words, words

_MOST_EARLIER = 3
"""Questions that one may follow up on, one after the other."""
_SOMEBODY = re.compile(
    r"\b(?:he|she|they|him|her|hers|them|his|their|theirs|er|sie|ihn|ihm|él|ella|ellos|elle|lui)\b"
    r"|^\W*(?:and|but|what about|how about|und|was ist mit|y|qué hay de|et)\b",
    re.IGNORECASE,
)
_SOMETHING = re.compile(r"\b(?:it|its|that|those|these|this|there|davon|dazu|dort|eso|allí|ça|cela)\b", re.IGNORECASE)
"""What points back only where little else is said: "when can we see it?"."""
_MOST_WORDS_BESIDE = 1
_ASKING = re.compile(
    r"\W*(?:when|what|where|who|whose|how|why|which|can|could|did|do|does|is|are|was|were|will|should|tell|show"
    r"|wann|was|wo|wer|wie|warum|cuándo|dónde|quién|cómo|quand|où|qui|comment)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow (?:often|many (?:times|conversations|talks|meetings|calls|chats))\b|\bwie (?:oft|viele gespräche)\b"
    r"|\bcu[áa]ntas (?:veces|conversaciones)\b|\bcombien de (?:fois|conversations)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:(?:please|can you|could you) )?(?:give|tell|show) me\b|\b(?:the )?last(?: (?:time|thing))?\b|(?<!\w)'s\b"
    r"|\b(?:an? |the |my )?(?:recap|overview|list)\b(?: of\b)?"
    r"|\b(?:tuve|tuvimos|he tenido|ai-je eu(?:es?)?|j'ai eu(?:es?)?|avons-nous eu(?:es?)?|hatte|gehabt)\b"
    r"|\bsum up\b|\bwhat was going on\b|\bwar los\b|\bfass\b.{0,30}\bzusammen\b|\bqué hice\b|\bresume\b|\brésume\b",
    re.IGNORECASE,
)
_OWN_TIME = (
    (re.compile(r"\bmy day\b", re.IGNORECASE), "today"),
    (re.compile(r"\bmy (?=(?:week|weekend|month)\b)", re.IGNORECASE), "this "),
    (re.compile(r"\bmein(?:en)? tag\b", re.IGNORECASE), "heute"),
    (re.compile(r"\bmeine (?=woche\b)", re.IGNORECASE), "diese "),
    (re.compile(r"\bmi d[íi]a\b", re.IGNORECASE), "hoy"),
    (re.compile(r"\bma journée\b", re.IGNORECASE), "aujourd'hui"),
)


_LINKS = frozenset(
    """and but what about how on in for at the then und aber was ist mit am im für an dann y pero el la en para et mais
    le les pour qué hay de""".split()  # noqa: SIM905 - reads better than a list of strings
)
"""What a question has besides a time that asks the same of another time."""


@dataclass(frozen=True)
class Asked:
    """A question.

    Attributes:
        text: in words, behind those that it follows up on.
        period: the past time that it is about.
        named: the people in it, by their names as they are known.
        lists: whether it asks for conversations as such, of a time or with somebody, and for nothing that was said.
        counts: whether it asks how many they are.
    """

    text: str
    period: Period | None = None
    named: tuple[str, ...] = ()
    lists: bool = False
    counts: bool = False

    @property
    def says_something(self) -> bool:
        """Whether there is anything to look for."""
        return self.lists or bool(content_words(self.text))


def understand(text: str, *, earlier: Sequence[str], names: Sequence[str], now: datetime) -> Asked:
    """What is asked for. Pure.

    Args:
        text: the question.
        earlier: what the same user asked before, oldest first.
        names: people the user knows.
        now: when it is asked, in the user's timezone.
    """
    whole = _whole(text, earlier)
    timed = _timed(whole)
    # What is said last holds: "and on Monday?", "and with Anna?".
    period = find_period(_timed(text), now) or find_period(timed, now)
    known = tuple(name for name in names if is_named(name, whole))
    named = tuple(name for name in known if is_named(name, text)) or known
    counts = _COUNTED.search(whole) is not None
    rest = _COUNTED.sub(" ", _untimed(timed, now))
    for name in known:
        rest = without_name(name, rest)
    rest = _REQUEST.sub(" ", rest)
    lists = (period is not None or bool(named) or counts) and _asks_nothing_else(rest, whole)
    return Asked(whole, period, named, lists=lists, counts=counts and lists)


def continued(text: str, earlier: Sequence[str], now: datetime) -> str | None:
    """The question that a message asks once more of another time, with that time: "and on Monday?". Pure."""
    rest = {word.lower() for word in words(_untimed(days_in_english(text), now))}
    if not follows_up(text) or not rest <= _LINKS or rest == {word.lower() for word in words(text)}:
        return None
    asked = next((each for each in reversed(earlier[-_MOST_EARLIER:]) if not follows_up(each)), None)
    return None if asked is None else f"{_untimed(days_in_english(asked), now)} {text}"


def follows_up(text: str) -> bool:
    """Whether a question points back to another one."""
    if all(word.lower() in FILLER_WORDS for word in words(text)):
        return False
    if _SOMEBODY.search(text.strip()):
        return True
    asks = "?" in text or _ASKING.match(text) is not None
    return asks and _SOMETHING.search(text) is not None and len(content_words(text)) <= _MOST_WORDS_BESIDE


def _whole(text: str, earlier: Sequence[str]) -> str:
    found = [text]
    for before in earlier[: -_MOST_EARLIER - 1 : -1]:
        if not follows_up(found[0]):
            break
        found.insert(0, before)
    return " ".join(found)


def _asks_nothing_else(rest: str, whole: str) -> bool:
    """Whether what is left of a question asks for nothing in particular, in the language that all of it shows."""
    smallest = STOP_WORDS.get(language_of(whole) or "", frozenset())
    return asks_only_when(rest) or asks_only_when(" ".join(each for each in words_of(rest) if each not in smallest))


def _timed(text: str) -> str:
    for pattern, said in _OWN_TIME:
        text = pattern.sub(said, text)
    return text


def _untimed(text: str, now: datetime) -> str:
    """Without the times that it mentions, past ones and those to come."""
    for _ in range(_MOST_EARLIER + 1):
        if (period := find_period(text, now)) is None or (rest := period.without(text)) == text:
            break
        text = rest
    _, said = find_day(text.lower(), now.date())
    return text.lower().replace(said, " ") if said and find_period(text, now) is None else text
