"""Which time a question is about: "last Tuesday morning", "two weeks ago", "im März", resolved where the user lives.

Only what is said for certain, and only what is past: a question to what was recorded asks for nothing else. A period
prefers what was talked about then, and hides nothing (docs/decisions/0024-search.md).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from common.indexing.period_grammar import Days, any_of, patterns
from common.indexing.stop_words import STOP_WORDS
from common.indexing.terms import guess_language, words_of
from common.indexing.time_words import HOURS, LAST_NIGHT, ONLY_WHEN, SINCE


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both aware and inclusive; `said` are the words that say so.

    `any_year`: the last one is meant of those that there are every year ("in May"), as far as anything is known of it.
    """

    since: datetime
    until: datetime
    said: str
    any_year: bool = False

    def without(self, question: str) -> str:
        """The rest of the question; all of it where nothing else is asked."""
        rest = re.sub(re.escape(self.said), " ", question, count=1, flags=re.IGNORECASE)
        return " ".join(rest.split()) if any(each.isalnum() for each in rest) else question

    def years_before(self, years: int) -> "Period":
        """The same days of another year.

        Raises:
            ValueError: it lies before the first year.
        """
        return replace(self, since=_in_year(self.since, -years), until=_in_year(self.until, -years))


def find_period(question: str, now: datetime) -> Period | None:
    """The past time that a question mentions, if it mentions one for certain.

    Args:
        question: in English, German, Spanish or French.
        now: when it is asked, aware, in the timezone of who asks.
    """
    text = question.lower().replace("\u2019", "'")
    for pattern, resolve in patterns():
        for found in pattern.finditer(text):
            try:
                days = resolve(found, now.date())
            except (ValueError, OverflowError):  # the thirtieth of February
                continue
            if days is None or days.first > now.date():
                continue
            return _period(days, text, found, now)
    return None


def asks_only_when(question: str) -> bool:
    """Whether a question, its time taken out, asks for nothing in particular: "What did we talk about?"."""
    language = guess_language(question) or "en"
    smallest = STOP_WORDS.get(language, frozenset()) | STOP_WORDS["en"]
    return all(word in smallest or word in ONLY_WHEN for word in words_of(question))


def _period(days: Days, text: str, found: re.Match[str], now: datetime) -> Period:
    begins, ends = found.span()
    hours = (18, 29) if found[0] in LAST_NIGHT else (0, 24)
    since, until = _bounds(days, hours, now)
    said = found.groupdict()
    any_year = "month" in said and not said.get("year")
    if days.first == days.last and (part := _PART.match(text, ends)):
        ends = part.end()
        since, until = _bounds(days, _hours(part["part"]), now)
    if (open_ended := _SINCE.search(text[:begins])) is not None:
        begins, until, any_year = open_ended.start(), now, False
    return Period(since, until, text[begins:ends].strip(), any_year=any_year)


def _bounds(days: Days, hours: tuple[int, int], now: datetime) -> tuple[datetime, datetime]:
    first = datetime.combine(days.first, time(), tzinfo=now.tzinfo)
    last = datetime.combine(days.last, time(), tzinfo=now.tzinfo)
    # Where clocks are put back the last hour of a day may come twice: it is over with the second.
    until = last + timedelta(hours=hours[1], microseconds=-1)
    return first + timedelta(hours=hours[0]), until.replace(fold=1)


def _in_year(moment: datetime, later: int) -> datetime:
    try:
        return moment.replace(year=moment.year + later)
    except ValueError:  # the twenty-ninth of February
        return moment.replace(year=moment.year + later, day=28)


def _hours(said: str) -> tuple[int, int]:
    return next(hours for hours, words in HOURS.items() if said in words.split("|"))


_PARTS = any_of("|".join(HOURS.values()).split("|"))
_PART = re.compile(rf",? (?:in the |in der |am |au |de la |le )?(?P<part>{_PARTS})\b")
_SINCE = re.compile(rf"\b(?:{SINCE})(?: the| dem| der| el| la| le)? $")
