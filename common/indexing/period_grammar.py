"""The ways in which a past time is said, and which days each means."""

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from common.indexing.time_words import (
    DAYS_AGO,
    LAST,
    LAST_BEHIND,
    MONTHS,
    NOT_PAST,
    NOT_PAST_BEHIND,
    NUMBERS,
    THIS,
    UNITS,
    WEEKDAYS,
)

_SATURDAY = 5
_EARLIEST = 1990
_DECEMBER = 12
_LEAP_DAY = (2, 29)
_LEAP_YEARS_APART = 8


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included."""

    first: date
    last: date


def _iso(found: re.Match[str], _: date) -> Days:
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    return Days(day, day)


def _iso_month(found: re.Match[str], _: date) -> Days:
    return _month(int(found["year"]), int(found["month"]))


def _dotted(found: re.Match[str], today: date) -> Days:
    return _day_of(int(found["month"]), int(found["day"]), found["year"], today)


def _month_day(found: re.Match[str], today: date) -> Days:
    return _day_of(MONTHS[found["month"]], int(found["day"]), found["year"], today)


def _day_of(month: int, day: int, year: str | None, today: date) -> Days:
    if year is not None:
        when = date(int(year), month, day)
    else:
        # Of the last years that have such a day: the twenty-ninth of February is in one of four, or of eight.
        years = range(today.year, today.year - (1 if (month, day) != _LEAP_DAY else _LEAP_YEARS_APART) - 1, -1)
        found = (date(year, month, day) for year in years if (month, day) != _LEAP_DAY or isleap(year))
        when = next(each for each in found if each <= today)
    return Days(when, when)


def _named_month(found: re.Match[str], today: date) -> Days:
    month = MONTHS[found["month"]]
    if found["year"]:
        return _month(int(found["year"]), month)
    past = month < today.month or (month == today.month and not found["last"])
    return _month(today.year if past else today.year - 1, month)


def _named_year(found: re.Match[str], _: date) -> Days:
    year = int(found["year"])
    return Days(date(year, 1, 1), date(year, 12, 31))


def _named_day(found: re.Match[str], today: date) -> Days:
    day = today - timedelta(days=DAYS_AGO[found["named"]])
    return Days(day, day)


def _this_part(_: re.Match[str], today: date) -> Days:
    return Days(today, today)


def _weekday(found: re.Match[str], today: date) -> Days:
    back = (today.weekday() - WEEKDAYS[found["weekday"]]) % 7
    if back == 0 and (found["last"] or found["behind"]):
        back = 7
    day = today - timedelta(days=back)
    return Days(day, day)


def _ago(found: re.Match[str], today: date) -> Days:
    count, unit = _count(found["count"]), _unit(found["unit"])
    if unit == "day":
        day = today - timedelta(days=count)
        return Days(day, day)
    if unit == "week":
        day = today - timedelta(days=7 * count)
        return Days(day - timedelta(days=3), day + timedelta(days=3))
    months = count * (12 if unit == "year" else 1)
    return _months_before(today, months)


def _last_few(found: re.Match[str], today: date) -> Days:
    count, unit = _count(found["count"]), _unit(found["unit"])
    days = count * {"day": 1, "week": 7, "weekend": 7, "month": 31, "year": 366}[unit]
    return Days(today - timedelta(days=days), today)


def _last_unit(found: re.Match[str], today: date) -> Days | None:
    unit = _unit(found["unit"] or found["unit_before"])
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return Days(monday - timedelta(days=7), monday - timedelta(days=1))
    if unit == "weekend":
        return _weekend(today)
    if unit == "month":
        return _months_before(today, 1)
    if unit == "year":
        return Days(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    return None


def _this_unit(found: re.Match[str], today: date) -> Days | None:
    unit = _unit(found["unit"])
    first = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }.get(unit)
    if unit == "weekend":
        return _weekend(today)
    return None if first is None else Days(first, today)


def _weekend(today: date) -> Days:
    """The one that is, or else the last."""
    saturday = today - timedelta(days=(today.weekday() - _SATURDAY) % 7)
    return Days(saturday, saturday + timedelta(days=1))


def _months_before(today: date, months: int) -> Days:
    total = today.year * 12 + today.month - 1 - months
    return _month(total // 12, total % 12 + 1)


def _month(year: int, month: int) -> Days:
    if year < _EARLIEST or not 1 <= month <= _DECEMBER:
        raise ValueError("no month of a time that is remembered")
    return Days(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _count(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS[said]


def _unit(said: str) -> str:
    return next(unit for unit, words in UNITS.items() if said in words.split("|"))


def any_of(words: Iterable[str]) -> str:
    """An alternation, the longest first, so that none hides another that begins with it."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = any_of(MONTHS)
_COUNT = rf"(?P<count>\d{{1,3}}|{any_of(NUMBERS)})"
_UNIT = any_of("|".join(UNITS.values()).split("|"))
_AHEAD = rf"(?P<ahead>(?:{NOT_PAST}) )?"
_Resolve = Callable[[re.Match[str], date], Days | None]


def _unless_ahead(resolve: _Resolve) -> _Resolve:
    return lambda found, today: None if found["ahead"] else resolve(found, today)


@cache
def patterns() -> list[tuple[re.Pattern[str], _Resolve]]:
    """How periods are named, and which days each is, from the most to the least specific; of several the first counts.

    Compiled when somebody asks, for that takes a while.
    """
    return [
        (re.compile(rf"\b(?:on |am |el |le )?{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b"), _iso),
        (re.compile(rf"\b(?:in |im |en )?{_YEAR}-(?P<month>\d\d)\b(?!-)"), _iso_month),
        (re.compile(rf"\b(?:am |vom )?(?P<day>\d\d?)\.(?P<month>\d\d?)\.{_YEAR}?(?!\d)"), _dotted),
        (
            re.compile(
                rf"\b(?:on |am |el |le )?(?:the )?(?P<day>\d\d?)(?:st|nd|rd|th|\.|er)? "
                rf"(?:of |de )?(?P<month>{_MONTH})\b\.?"
                rf"(?:,? (?:of |de )?{_YEAR})?"
            ),
            _month_day,
        ),
        (
            re.compile(
                rf"\b(?:on )?(?P<month>{_MONTH})\.? (?:the )?(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?!:)"
                rf"(?:,? (?:of )?{_YEAR})?"
            ),
            _month_day,
        ),
        (re.compile(rf"\b(?:in |im |en )?(?P<last>(?!))?(?P<month>{_MONTH})\.?,? (?:of |de )?{_YEAR}\b"), _named_month),
        (
            re.compile(
                rf"(?:\b(?:in|im|en|during|back in|(?P<last>{LAST})) |(?<=since )|(?<=seit )|(?<=desde )|(?<=depuis ))"
                rf"(?P<month>{_MONTH})\b"
                r"(?P<year>(?!))?"
            ),
            _named_month,
        ),
        (re.compile(rf"\b(?P<named>{any_of(DAYS_AGO)})\b"), _named_day),
        (
            re.compile(r"\b(?:this|heute|esta|ce)(?= (?:morning|afternoon|evening|früh|mañana|tarde|matin|soir)\b)"),
            _this_part,
        ),
        (re.compile(rf"\b{_COUNT} (?P<unit>{_UNIT}) ago\b"), _ago),
        (re.compile(rf"\b(?:vor(?! dem)|hace|il y a) {_COUNT} (?P<unit>{_UNIT})\b"), _ago),
        (
            re.compile(
                rf"\b(?:in |during |over |within |in den |en )?(?:the |den |los |las |les )?"
                rf"(?:{LAST}|últimos|últimas) {_COUNT} (?P<unit>{_UNIT})\b"
            ),
            _last_few,
        ),
        (re.compile(rf"\b(?:les )?{_COUNT} (?:derniers|dernières) (?P<unit>{_UNIT})\b"), _last_few),
        (
            re.compile(
                rf"\b{_AHEAD}(?:on |am |el |le )?(?P<last>(?:{LAST}) )?(?P<weekday>{any_of(WEEKDAYS)})\b"
                rf"(?P<behind> (?:{LAST_BEHIND}))?(?! (?:{NOT_PAST_BEHIND}))"
            ),
            _unless_ahead(_weekday),
        ),
        (
            re.compile(
                rf"\b(?:the |la |el |le )?(?:(?:{LAST}) (?P<unit>{_UNIT})|(?P<unit_before>{_UNIT}) (?:{LAST_BEHIND}))\b"
            ),
            _last_unit,
        ),
        (re.compile(rf"\b(?:in )?(?:{THIS}) (?P<unit>{_UNIT})\b"), _this_unit),
        (re.compile(rf"\b(?:at|on|over|am) (?:the )?(?P<unit>{any_of(UNITS['weekend'].split('|'))})\b"), _this_unit),
        (re.compile(rf"\b(?:in|im jahr|im|en|during) {_YEAR}\b(?!-)"), _named_year),
    ]
