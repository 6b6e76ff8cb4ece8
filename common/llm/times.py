"""Hours as they are said: "at ten thirty", "5 pm", "in the evening"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

END_OF_DAY = time(23, 59)
_NOON, _HOURS, _MINUTES = 12, 24, 60
_LATEST_AFTERNOON_HOUR = 7  # "at seven" without more is in the evening, "at eight" in the morning

_PARTS = {"morning": 9, "noon": 12, "lunchtime": 12, "afternoon": 14, "evening": 18, "night": 18, "tonight": 18}
_NUMBER = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)| (?P<spoken>\d\d)| oh (?P<single>\d))?"
_HALF = r"(?P<half>a\.?m\b\.?|p\.?m\b\.?|in the (?:morning|afternoon|evening)|at night|o'?clock)"
_MARKED = re.compile(rf"\b(?<!\$){_NUMBER} ?{_HALF}")
_AT = re.compile(
    rf"\b(?:at|around|by|before|until|from) (?:about |around )?{_NUMBER}\b"
    r"(?! ?(?:%|percent|dollars?|bucks|euros?|people|persons?|days?|weeks?|months?|years?|hours?"
    r"|minutes?|miles?|times|of\b"
    r"|st\b|nd\b|rd\b|th\b|[/.,:-]?\d))"
)
_WRITTEN = re.compile(r"\b(?<![\d:.,$])(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)\b(?P<spoken>(?!))?(?P<single>(?!))?")
_FROM_THE_HOUR = re.compile(r"\b(?P<what>half(?: past)?|(?:a )?quarter (?:past|to)) (?P<hour>[1-9]|1[0-2])\b(?![:\d])")
_A_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|\d(?:st|nd|rd|th)"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)"
)
_NO_HOUR = (
    r"(?! ?(?:%|percent|dollars?|euros?|people|of\b|to\b|or\b|days?|weeks?|months?|years?|hours?|minutes?"
    r"|st\b|nd\b|rd\b|th\b))"
)
# Beside a day, or agreed to, a number alone is an hour: "Tuesday, five thirty", "five on Tuesday", "eight is good".
_BESIDE_A_DAY = re.compile(
    rf"\b{_A_DAY}(?: (?:morning|afternoon|evening|night))?[,.?]? (?:like |say )?{_NUMBER}\b{_NO_HOUR}"
)
_BEFORE_A_DAY = re.compile(rf"\b{_NUMBER},? (?:on |this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_WITH_MINUTES = re.compile(
    rf"\b(?P<hour>\d{{1,2}})(?P<minute>(?!))? (?P<spoken>[0-5][05])(?P<single>(?!))?\b{_NO_HOUR}"
)
_AGREED_TO = re.compile(
    rf"(?:^|[,.?!] |\bis |\blike |\bsay )(?:then |okay |yeah |yes )?{_NUMBER}"
    r"(?:-ish)?(?='s (?:good|fine|okay|perfect|great)\b"
    r"| (?:is (?:good|fine|okay|perfect|great)|works|okay|it is)\b|[,.?]|$)"
)
_PART = re.compile(
    r"\b(?:(?:this|tomorrow|day|in the|the) )?(?P<part>morning|noon|lunchtime|afternoon|evening|tonight|night)\b"
)


@dataclass(frozen=True)
class Clock:
    """A time of day; `exact` where an hour was said and not only a part of the day."""

    hour: int
    minute: int
    exact: bool
    said: str


def find_time(text: str) -> Clock | None:
    """The first time of day in a text whose numbers are digits."""
    text = _FROM_THE_HOUR.sub(_from_the_hour, text)
    if (clock := _first((_MARKED, _AT), text)) is not None:
        return clock
    part = _PART.search(text)
    if part is None or "good " + part["part"] in text:
        return None
    return Clock(_PARTS[part["part"]], 0, exact=False, said=part[0])


def find_hour(text: str) -> Clock | None:
    """The first hour in what is said while a time is being agreed on, where a number alone may be one."""
    text = _FROM_THE_HOUR.sub(_from_the_hour, text)
    if re.search(r"\b(?<!after )(?<!before )noon\b", text):
        return Clock(_NOON, 0, exact=True, said="noon")
    return _first((_MARKED, _AT, _WRITTEN, _BESIDE_A_DAY, _BEFORE_A_DAY, _WITH_MINUTES, _AGREED_TO), text)


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> Clock | None:
    clocks = (_clock(found, text) for pattern in patterns for found in pattern.finditer(text))
    return next((clock for clock in clocks if clock is not None), None)


def _from_the_hour(found: re.Match[str]) -> str:
    """Half past three and half three are 3:30, quarter to four is 3:45."""
    hour = int(found["hour"])
    if found["what"].endswith("to"):
        return f"{hour - 1 or _NOON}:45"
    return f"{hour}:{'30' if found['what'].startswith('half') else '15'}"


def _clock(found: re.Match[str], text: str) -> Clock | None:
    hour, minute = int(found["hour"]), int(found["minute"] or found["spoken"] or found["single"] or 0)
    half = found.groupdict().get("half") or ""
    if hour >= _HOURS or minute >= _MINUTES:
        return None
    if re.match(r"a\.?m", half) or "morning" in half:
        hour %= _NOON
    elif half.startswith("p") or "afternoon" in half or "evening" in half or half == "at night":
        hour = hour % _NOON + _NOON
    elif 0 < hour <= _LATEST_AFTERNOON_HOUR and not re.search(r"\b(?:morning|breakfast|wake|sunrise)\b", text):
        hour += _NOON
    return Clock(hour, minute, exact=True, said=found[0])
