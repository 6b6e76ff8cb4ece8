"""When: the days and times a sentence mentions, resolved against the moment it was said and the speaker's timezone.

A small grammar of what is said for certain. General date parsers are worse than none on free speech: they take "we" for
Wednesday and "about three weeks" for a date.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from common.llm.numbers import digits
from common.llm.times import END_OF_DAY, Clock, find_time

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905 - reads better
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905 - the same
DATE_WORDS = frozenset(
    [*_MONTHS, *DAYS, *"week weekend month morning noon afternoon evening night".split()]  # noqa: SIM905 - the same
)
"""Words that say when, and not what."""
_MONTH = "|".join(_MONTHS)
_WEEKDAY = "|".join(DAYS)
_COUNT = r"(?P<count>\d{1,3}|an?|half an|a couple of|a few)"
_FRIDAY, _SATURDAY = 4, 5
_MONTHS_AHEAD = 3
_NUMBERS = {"a": 1.0, "an": 1.0, "half an": 0.5, "a couple of": 2.0, "a few": 3.0}
_SECONDS = {"minute": 60.0, "hour": 3600.0}


@dataclass(frozen=True)
class Moment:
    """A resolved mention: an aware instant, whether an hour was said, and the words that said it, numbers as digits."""

    at: datetime
    timed: bool
    said: str


def find_moment(text: str, reference: datetime, *, implied: Clock | None = None) -> Moment | None:
    """The first future moment that a sentence mentions, if it mentions one for certain.

    Args:
        text: the sentence.
        reference: when it was said, aware, in the speaker's timezone.
        implied: the hour when only a day is said; without it that means the end of the day.
    """
    spoken = digits(text)
    if (found := _elapsed(spoken, reference)) is not None:
        return found
    clock = find_time(spoken)
    day, said = find_day(spoken, reference.date())
    if day is None:
        if clock is None or not clock.exact or _PAST.search(spoken):
            return None
        day, said = reference.date(), clock.said
    hour = clock or implied
    when = time(hour.hour, hour.minute) if hour else END_OF_DAY
    at = datetime.combine(day, when, tzinfo=reference.tzinfo)
    if at <= reference and clock is not None and not clock.exact and said in ("today", "tonight"):
        at = datetime.combine(day, END_OF_DAY, tzinfo=reference.tzinfo)
    return Moment(at, hour is not None, said) if at > reference else None


def _elapsed(text: str, reference: datetime) -> Moment | None:
    """The likes of "in two hours", counted from the moment itself."""
    found = re.search(rf"\b(?:in|within) {_COUNT} (?P<unit>minute|hour)s?\b", text)
    if found is None:
        return None
    count = _NUMBERS.get(found["count"]) or float(found["count"] if found["count"].isdigit() else 1)
    try:
        at = reference.astimezone(UTC) + timedelta(seconds=count * _SECONDS[found["unit"]])
        return Moment(at.astimezone(reference.tzinfo), timed=True, said=found[0])
    except OverflowError:
        return None


def find_day(text: str, today: date, *, agreeing: bool = False) -> tuple[date | None, str]:
    """The day that a text, its numbers as digits, mentions, and the words; the most specific kind of mention first.

    Args:
        text: what was said, in lower case.
        today: the day it was said on.
        agreeing: whether a time is being agreed on, where "the twentieth" is a day.
    """
    for pattern, resolve in [*_DAY_PATTERNS, *(_AGREED_DAY_PATTERNS if agreeing else ())]:
        for found in pattern.finditer(text):
            try:
                day = resolve(found, today)
            except (ValueError, OverflowError):  # "february thirtieth"
                continue
            return day, found[0]
    return None, ""


def _iso(found: re.Match[str], _: date) -> date:
    return date.fromisoformat(found[0])


def _month_day(found: re.Match[str], today: date) -> date:
    month, day = _MONTHS.index(found["month"]) + 1, int(found["day"])
    if found["year"]:
        return date(int(found["year"]), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def _day_of_month(found: re.Match[str], today: date) -> date:
    day = int(found["day"])
    if day >= today.day:
        return today.replace(day=day)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=day)


def _weekday_of_month(found: re.Match[str], today: date) -> date:
    """The next day of this number that is the named weekday; speakers seldom err in either."""
    day = _day_of_month(found, today)
    for _ in range(_MONTHS_AHEAD):
        if day.weekday() == DAYS.index(found["weekday"]):
            return day
        day = _day_of_month(found, day + timedelta(days=1))
    raise ValueError(found[0])


def _named_day(found: re.Match[str], today: date) -> date:
    ahead = {"today": 0, "tonight": 0, "end of day": 0, "end of the day": 0, "tomorrow": 1, "day after tomorrow": 2}
    return today + timedelta(days=ahead[found["named"]])


def _weekday(found: re.Match[str], today: date) -> date:
    wanted = DAYS.index(found["weekday"])
    if found["which"] == "next":  # the one of the week that begins on the next Monday
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday()) % 7 or 7)


def _weekend(found: re.Match[str], today: date) -> date:
    saturday = today + timedelta(days=(_SATURDAY - today.weekday()) % 7)
    return saturday + timedelta(days=7) if found["which"] == "next" else saturday


def _days_ahead(found: re.Match[str], today: date) -> date:
    count = _NUMBERS.get(found["count"]) or float(found["count"] if found["count"].isdigit() else 1)
    return today + timedelta(days=round(count * {"day": 1, "week": 7}[found["unit"]]))


def _end_of_period(found: re.Match[str], today: date) -> date:
    if found["period"] == "week":
        return today + timedelta(days=(_FRIDAY - today.weekday()) % 7)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _next_week(_: re.Match[str], today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


_PAST = re.compile(r"\b(?:yesterday|ago|last|was|were|did|had|went|every|usually|always)\b")
_NOT_PAST = r"(?<!last )(?<!every )(?<!each )(?<!since )"
_DAY_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]]] = [
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), _iso),
    (
        re.compile(rf"\b(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>20\d\d))?"),
        _month_day,
    ),
    (
        re.compile(
            rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b(?:,? (?P<year>20\d\d))?(?! \d)"
        ),
        _month_day,
    ),
    (re.compile(rf"\b(?P<weekday>{_WEEKDAY}),? the (?P<day>\d{{1,2}})(?:st|nd|rd|th)\b"), _weekday_of_month),
    (re.compile(r"\b(?P<named>day after tomorrow|tomorrow|tonight|today)\b"), _named_day),
    (
        re.compile(rf"\b{_NOT_PAST}(?:(?P<which>next|this|coming|on|by|until|before) )?(?P<weekday>{_WEEKDAY})\b(?!')"),
        _weekday,
    ),
    (re.compile(rf"\bin {_COUNT} (?P<unit>day|week)s?\b"), _days_ahead),
    (re.compile(rf"\b{_COUNT} (?P<unit>day|week)s? from (?:now|today)\b"), _days_ahead),
    (re.compile(r"\b(?:on|by|until|before) the (?P<day>\d{1,2})(?:st|nd|rd|th)\b"), _day_of_month),
    (re.compile(r"\b(?P<which>this|next|on the|over the) weekend\b"), _weekend),
    (re.compile(r"\bend of (?:the |this )?(?P<period>week|month)\b"), _end_of_period),
    (re.compile(r"\bnext week\b"), _next_week),
    (re.compile(r"\b(?P<named>end of (?:the )?day)\b"), _named_day),
]
_AGREED_DAY_PATTERNS = [
    (
        re.compile(r"\b(?:the )?(?P<day>[4-9]|[12]\d|3[01])(?:st|nd|rd|th)(?=[,.?!]| (?:is|at|then|works)\b|$)"),
        _day_of_month,
    )
]
