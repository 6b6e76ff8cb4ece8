"""Sentences that announce an appointment: a confirmed, future event with a day and an hour."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from common.llm.dates import DATE_WORDS, find_moment
from common.llm.numbers import digits
from common.llm.sentences import Sentence
from common.llm.times import Clock
from common.llm.words import FILLER_WORDS, STOP_WORDS
from common.models.structured import DEFAULT_EVENT_MINUTES, Event

_NOUN = (
    r"meeting|appointment|party|dinner|lunch|breakfast|brunch|flight|conference|wedding|interview|class|lesson"
    r"|birthday|"
    r"concert|game|match|exam|trip|ceremony|workshop|demo|presentation|webinar|rehearsal|check-?up|graduation|standup|"
    r"reservation|session|train|review|launch|call|surgery|funeral|barbecue|picnic|seminar|reunion|deadline|"
    r"dentist|plumber|electrician|haircut"
)
_NAMED = re.compile(
    rf"(?P<before>(?:[\w'-]+ ){{0,4}})(?P<noun>{_NOUN})\b(?: with (?P<with>(?:the )?[\w'-]+(?: [\w'-]+)?))?",
    re.IGNORECASE,
)
# What is too often said of other things to announce anything alone, but may be what a day and an hour were agreed for.
_OCCASION = re.compile(
    r"(?P<before>(?:[\w'-]+ ){0,4})(?P<noun>test|viewing|visit|inspection|signing|practice|shift|hearing|market|raffle"
    r"|service|tour|trial|slot|funeral|drinks|tutorial|assessment|scan|scanning)\b"
    r"(?: with (?P<with>(?:the )?[\w'-]+))?",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?P<verb>meet|meeting|see|seeing|visit|visiting)(?: up)? (?:with )?(?P<whom>(?:the |my |our )?[\w'-]+)",
    re.IGNORECASE,
)
_WHEN = r"(?:on|at|this|next|tomorrow|today|tonight|in the|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
# Whatever has a name and takes place at a time: "the book club is on July 13 at 7 pm".
_ANNOUNCED = re.compile(
    rf"(?:^|[,;] )(?:(?:so|and|okay|well|yes|yeah|no|then|great|good|oh|also|remember|don't forget),? )*"
    rf"(?:there(?:'s| is) (?:an?|the) (?P<there>(?:[\w'-]+ ){{1,6}}?)(?:is )?(?={_WHEN})"
    rf"|(?:the|our|my|your|his|her|their)? ?(?P<what>(?:[\w'-]+ ){{1,6}}?)(?:is|will be|starts|begins|takes place)"
    rf" (?={_WHEN}))",
    re.IGNORECASE,
)
# "Before lunch" says when, and not what.
_BESIDES = re.compile(r"\b(?:before|after|until|till|by|since|during|on my) $", re.IGNORECASE)
_MEALS = {"breakfast": 8, "brunch": 11, "lunch": 12, "dinner": 19}
_UNCERTAIN = re.compile(
    r"\b(?:maybe|perhaps|might|would|could|should|(?<!of )may(?! (?:the )?\d)|if|unless|or|not|n't|never|cancel\w*"
    r"|postpone\w*|probably|possibly|hope\w*|want\w*|try\w*|was|were|had|went|did|been|yesterday|last|ago"
    r"|what|how about|which|when|every|usually|often)\b|n't\b",
    re.IGNORECASE,
)
_LASTS = re.compile(r"\bfor (?P<count>an?|half an|\d{1,3}) (?P<unit>hour|minute)s?\b")
_ENDS = re.compile(
    r"\b(?:from|between) (?P<start>\d{1,2})(?::\d\d)?(?: ?[ap]m)? (?:to|until|till|and) (?P<end>\d{1,2})\b"
)
_NOT_IN_TITLE = (
    (STOP_WORDS - {"up"})
    | FILLER_WORDS
    | {
        "everything",
        "nothing",
        "everybody",
        "first",
        "day",
        "morning",
        "afternoon",
        "evening",
        "pm",
        "am",
        "set",
        "coming",
    }
)
_SMALL_IN_TITLE = frozenset({"with", "of", "the", "at", "for", "in"})
_MAX_MINUTES = 180
_HOUR = 60


def find_appointment(sentence: Sentence, reference: datetime) -> Event | None:
    """The event a sentence announces, if it does.

    Args:
        sentence: what was said.
        reference: when it was said, aware, in the user's timezone.
    """
    text = sentence.text
    if sentence.is_question or _UNCERTAIN.search(digits(text)):
        return None
    title = _title(text)
    if title is None:
        return None
    meal = next((hour for name, hour in _MEALS.items() if name in text.lower()), None)
    implied = None if meal is None else Clock(meal, 0, exact=False, said="")
    moment = find_moment(text, reference, implied=implied)
    if moment is None or not moment.timed:
        return None
    return Event(title=title, description=text, start=moment.at.astimezone(UTC), duration=_minutes(digits(text)))


def occasion(texts: Sequence[str]) -> str | None:
    """What takes place: the first thing named in the texts that people make appointments for."""
    named = (_named(pattern, text) for pattern in (_NAMED, _OCCASION) for text in texts)
    return next((title for title in named if title is not None), None)


def _title(text: str) -> str | None:
    if (title := _named(_NAMED, text)) is not None:
        return title
    found_verb = _VERB.search(text)
    if found_verb is None:
        return _announced(text)
    whom = found_verb["whom"].split()[-1]
    return None if whom.lower() in STOP_WORDS else _title_case(f"meeting with {whom}")


def _named(pattern: re.Pattern[str], text: str) -> str | None:
    for found in pattern.finditer(text):
        before = [word for word in found["before"].split() if word.lower() not in _NOT_IN_TITLE and not word.isdigit()]
        company = found["with"]
        if found["noun"].lower() == "call" and not re.search(
            r"\b(?:a|an|the|our|my|this|that)(?: [\w'-]+){0,2} $", found["before"], re.IGNORECASE
        ):
            continue  # the verb
        if _BESIDES.search(found["before"]):
            continue
        title = " ".join([*before[-2:], found["noun"], *(["with", _who(company)] if company and _who(company) else [])])
        return _title_case(title)
    return None


def _announced(text: str) -> str | None:
    """What is said to take place, where that is a thing and not "it"."""
    for found in _ANNOUNCED.finditer(text):
        named = (found["there"] or found["what"]).split()
        telling = [word for word in named if word.lower() not in _NOT_IN_TITLE and word.lower() not in DATE_WORDS]
        if telling and named[-1] in telling:
            while named[0] not in telling:
                named = named[1:]
            return _title_case(" ".join(named))
    return None


def _who(company: str) -> str:
    return " ".join(word for word in company.split() if word.lower() not in _NOT_IN_TITLE)


def _title_case(text: str) -> str:
    return " ".join(word if word in _SMALL_IN_TITLE else word[:1].upper() + word[1:] for word in text.split())


def _minutes(text: str) -> int:
    """How long it lasts, where that is said."""
    if (lasts := _LASTS.search(text)) is not None:
        count = {"a": 1.0, "an": 1.0, "half an": 0.5}.get(lasts["count"]) or float(lasts["count"])
        return min(_MAX_MINUTES, round(count * (_HOUR if lasts["unit"] == "hour" else 1)))
    if (ends := _ENDS.search(text)) is not None:
        hours = (int(ends["end"]) - int(ends["start"])) % 12
        return min(_MAX_MINUTES, hours * _HOUR) or DEFAULT_EVENT_MINUTES
    return DEFAULT_EVENT_MINUTES
