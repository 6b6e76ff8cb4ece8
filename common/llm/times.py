"""Hours as they are said: "at ten thirty", "5 pm", "in the evening"."""

import re
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
    for pattern in (_MARKED, _AT):
        for found in pattern.finditer(text):
            if (clock := _clock(found, text)) is not None:
                return clock
    part = _PART.search(text)
    if part is None or "good " + part["part"] in text:
        return None
    return Clock(_PARTS[part["part"]], 0, exact=False, said=part[0])


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
