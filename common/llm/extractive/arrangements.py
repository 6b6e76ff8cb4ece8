"""Appointments that people make: one proposes, the other agrees, and day and hour need not be said at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import groupby

from common.llm.dates import find_day
from common.llm.extractive.appointments import occasion
from common.llm.extractive.commitments import is_nameless
from common.llm.numbers import digits
from common.llm.sentences import Sentence
from common.llm.times import Clock, find_hour
from common.models.structured import DEFAULT_EVENT_MINUTES, Event

_AROUND = 4
"""Turns before that may say what is being arranged."""
_HALF_DAY = 12
_EARLIEST = 5
"""From this hour on something may begin in the evening as well as in the morning."""
_AGREES = re.compile(
    r"^(?:(?:oh|um|uh|ah|well|and|so|okay|right),? )*(?:yes|yeah|yep|yup|aye|sure|good|great|perfect|fine|deal|lovely"
    r"|okay|done|brilliant|splendid|grand|absolutely|that works|that'll do|that's (?:good|fine|great|perfect)"
    r"|works for me|see you|i'll be there|i'm there|put me|let's (?:take|do) (?:that|it))\b"
    r"|\b(?:i'm there|i'll be there|put me down|let's take that|that'll do|it's a date|it is)[.!]?$",
    re.IGNORECASE,
)
_SETTLED = re.compile(
    r"\b(?:you're all set|(?:it's|that's) (?:agreed|settled|confirmed|booked|set)"
    r"|(?:i|we)(?: have|'ve)? (?:already )?(?:booked|confirmed|signed (?:us|you|it) up|said yes)"
    r"|(?:i|they)(?:'ve| have)? (?:confirmed|moved) it|i'm there|put me(?: down)?)\b",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    r"^(?:(?:oh|um|uh|well|sorry),? )*(?:no|nope|nah|not|i can't|i couldn't|i don't|never)\b"
    r"|\b(?:won't work|can't make|doesn't work)\b",
    re.IGNORECASE,
)
_ASKS_WHEN = re.compile(
    r"\b(?:when(?:'s|'re| is| are| was| do| does| will)|what (?:time|day)|which day)\b", re.IGNORECASE
)
_OPEN = re.compile(
    r"\b(?:maybe|perhaps|might|if|unless|or|not|n't|every|usually|always|yesterday|ago|last|was|were|had|went|did|been"
    r"|it says|between|by|until|before|closed|off|cancel\w*|postpone\w*)\b|n't\b",
    re.IGNORECASE,
)
_EVENING = re.compile(r"\b(?<!last )(?:tonight|night|evening|p\.?m)\b", re.IGNORECASE)
_MORNING = re.compile(r"\b(?:mornings?|a\.?m|breakfast|first thing)\b", re.IGNORECASE)
_AFTERNOON = re.compile(r"\b(?:afternoon|p\.?m)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Said:
    """What one turn says of a time; `open` where it is only one of several, past or not certain."""

    text: str
    speaker: str
    is_user: bool
    day: date | None
    hour: Clock | None
    open: bool


def find_arrangements(sentences: Sequence[Sentence], reference: datetime) -> list[Event]:
    """The events that were agreed on, in their order; of a time that was changed at once the last one.

    Args:
        sentences: the dialogue.
        reference: when it was said, aware, in the user's timezone.
    """
    turns = [_said(list(turn), reference) for _, turn in groupby(sentences, key=lambda sentence: sentence.speaker)]
    found: dict[int, Event] = {}
    for place in range(len(turns)):
        if (event := _arranged(turns, place, reference)) is None:
            continue
        for other in [earlier for earlier in found if place - earlier <= _AROUND]:
            if found[other].start.date() == event.start.date():
                del found[other]
        found[place] = event
    return list(found.values())


def _arranged(turns: Sequence[_Said], place: int, reference: datetime) -> Event | None:
    """The event that is settled with a turn."""
    if (settled := _settled(turns, place)) is None:
        return None
    earlier = turns[max(0, place - _AROUND) : place]
    if (start := _start(settled, earlier, reference)) is None:
        return None
    near = (settled, *reversed(earlier), *turns[place + 1 : place + 2])
    title = occasion([each.text for each in near]) or _company(turns)
    return Event(title=title, description=settled.text, start=start, duration=DEFAULT_EVENT_MINUTES)


def _said(turn: list[Sentence], reference: datetime) -> _Said:
    """What a turn says of a time: in one sentence if it can, else in all together."""
    whole = " ".join(each.text for each in turn)
    pieces = [(spoken, *_time(spoken, reference)) for spoken in (digits(each.text) for each in turn)]
    for text, day, hour in reversed(pieces):
        if day is not None and hour is not None and not _OPEN.search(text):
            return _Said(whole, turn[0].speaker, turn[0].is_user, day, hour, open=False)
    day, hour = _time(digits(whole), reference)
    uncertain = any(_OPEN.search(text) for text, *timed in pieces if timed != [None, None])
    return _Said(whole, turn[0].speaker, turn[0].is_user, day, hour, uncertain)


def _time(spoken: str, reference: datetime) -> tuple[date | None, Clock | None]:
    day, _ = find_day(spoken, reference.date(), agreeing=True)
    hour = find_hour(spoken)
    return day, hour if hour is not None and hour.exact else None


def _settled(turns: Sequence[_Said], place: int) -> _Said | None:
    """What this turn settles: by agreeing to the one before it, by answering when, or by saying that it is settled."""
    turn = turns[place]
    before = turns[place - 1] if place else None
    after = turns[place + 1] if place + 1 < len(turns) else None
    if turn.open or (turn.day is None and turn.hour is None):
        return None
    joined = replace(turn, day=_day(turn, before))
    if turn.hour is None:
        joined = replace(joined, hour=before.hour if before and not before.open else None)
    if joined.day is None or joined.hour is None:
        return None
    if (
        before is not None
        and not _DECLINES.search(turn.text)
        and (_echoes(turn, before) or _ASKS_WHEN.search(before.text))
    ):
        return joined
    if turn.day is None or turn.hour is None:
        return None
    if _SETTLED.search(turn.text):
        return joined
    agreed = after is not None and _AGREES.search(after.text) and not _DECLINES.search(after.text)
    return joined if agreed and after is not None and after.hour is None and after.day is None else None


def _day(turn: _Said, before: _Said | None) -> date | None:
    """The day of a turn, or the one before it that it takes up: "Thursday the twelfth?", "Thursday, yes"."""
    if before is None or before.day is None:
        return turn.day
    if turn.day is None or (turn.day.weekday() == before.day.weekday() and turn.day < before.day):
        return before.day
    return turn.day


def _echoes(turn: _Said, before: _Said) -> bool:
    """Whether a turn takes up the day or the hour of the one before it."""
    same_hour = turn.hour is not None and before.hour is not None and _same_hour(turn.hour, before.hour)
    return same_hour or (turn.day is not None and before.day is not None and turn.day.weekday() == before.day.weekday())


def _same_hour(one: Clock, other: Clock) -> bool:
    return (one.hour % _HALF_DAY, one.minute) == (other.hour % _HALF_DAY, other.minute)


def _start(settled: _Said, earlier: Sequence[_Said], reference: datetime) -> datetime | None:
    """The moment in UTC, in the half of the day that was spoken of with it; None where it is over."""
    if settled.day is None or settled.hour is None:
        return None
    hour = settled.hour.hour
    alike = [each for each in earlier if each.hour is not None and _same_hour(each.hour, settled.hour)]
    spoken = " ".join(each.text for each in (*alike, *earlier[-1:], settled))
    evening, morning = _EVENING.search(spoken), _MORNING.search(spoken)
    late = evening and not morning and _EARLIEST <= hour < _HALF_DAY
    if late or (_AFTERNOON.search(spoken) and hour < _EARLIEST):
        hour += _HALF_DAY
    elif morning and not evening and hour > _HALF_DAY:
        hour -= _HALF_DAY
    at = datetime.combine(settled.day, time(hour, settled.hour.minute), tzinfo=reference.tzinfo)
    return at.astimezone(UTC) if at > reference else None


def _company(turns: Sequence[_Said]) -> str:
    """A title where nothing was named that takes place."""
    named = {each.speaker for each in turns if not each.is_user and not is_nameless(each.speaker)}
    return f"Meeting with {named.pop()}" if len(named) == 1 else "Meeting"
