"""Questions for what is to be done, understood without a language model: "what are my tasks for tomorrow?"."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from common.action_items.edit import list_action_items
from common.chat.phrases import Phrases
from common.database.action_items import Filters
from common.indexing.time_words import WEEKDAYS
from common.llm.dates import DAYS, find_day, find_moment
from common.llm.numbers import digits
from common.models.action_item import ActionItem

MOST = 20
_MOST_COUNTED = 200
_ASKED = re.compile(
    r"\b(?:my|any|open)\b.{0,20}\b(?:tasks?|to-?dos?|action items?|reminders?)\b"
    r"|\b(?:which|what|list|show)(?: (?:are|is|me|all|the|of))* (?:tasks?|to-?dos?|action items?|reminders?)\b"
    r"|\bwhat (?:do|must|should) i (?:have to |need to )?do\b"
    r"|\bhow many (?:open )?(?:tasks?|to-?dos?|action items?|reminders?)\b"
    r"|\b(?:meine|welche|offene|wie viele)n?(?: offenen?)? aufgaben\b|\baufgaben (?:habe ich|offen|stehen)\b"
    r"|\bwas (?:muss|soll|sollte) ich\b.{0,40}\b(?:tun|machen|erledigen)\b|\bauf meiner (?:to-?do-?)?liste\b"
    r"|\b(?:mis|qu[ée]|cu[áa]les|cu[áa]ntas) tareas\b|\btareas (?:pendientes|tengo)\b"
    r"|\bqu[ée] (?:tengo que|debo) hacer\b"
    r"|\b(?:mes|quelles|combien de) t[âa]ches\b|\b(?:que|qu'est-ce que je) dois(?:-je)? faire\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:done|completed|finished|erledigte?n?|hechas|termin[ée]e?s)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:how many|wie viele|cu[áa]ntas|combien de)\b", re.IGNORECASE)
_IN_ENGLISH = {
    "heute": "today", "hoy": "today", "aujourd'hui": "today", "morgen": "tomorrow", "mañana": "tomorrow",
    "demain": "tomorrow", "diese woche": "this week", "esta semana": "this week", "cette semaine": "this week",
    "nächste woche": "next week", "próxima semana": "next week", "semaine prochaine": "next week",
    **{said: DAYS[number] for said, number in WEEKDAYS.items()},
}  # fmt: skip
_TRANSLATED = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_IN_ENGLISH, key=len, reverse=True)))})\b")
_WEEK = re.compile(r"(?<!end of )(?<!end of the )(?<!end of this )\bweek\b")
_THIS_WEEK = re.compile(r"(?<!end of )\bthis week\b")
_OVERDUE = re.compile(r"\b(?:overdue|past due|[üu]berf[äa]llige?n?|atrasadas|vencidas|en retard)\b")
_UNTIL = re.compile(r"\b(?:by|until|till|before|bis|hasta|jusqu'à)\b")
_BEFORE = re.compile(r"\bbefore\b")
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def asks_for_tasks(question: str) -> bool:
    """Whether a question is for the user's own list. Pure."""
    return _ASKED.search(question) is not None


def wanted_tasks(question: str, now: datetime) -> Filters:
    """Which of the list a question is for: those not done, or done, of all days or those that it names. Pure.

    Args:
        question: in words.
        now: when it is asked, in the user's timezone.
    """
    completed = _DONE.search(question) is not None
    text = digits(days_in_english(question))
    if _OVERDUE.search(text):
        return Filters(completed=completed, due_until=now)
    days = _days(text, now)
    if days is None:
        return Filters(completed=completed)
    first, last = days
    due_from = None if _UNTIL.search(text) else datetime.combine(first, time(), tzinfo=now.tzinfo)
    before = _BEFORE.search(text) is not None
    end = datetime.combine(first if before else last + _DAY, time(), tzinfo=now.tzinfo)
    return Filters(completed=completed, due_from=due_from, due_until=end.astimezone(UTC) - _INSTANT)


def days_in_english(question: str) -> str:
    """A question with its days as they are understood. Pure."""
    plain = question.lower().replace("\u2019", "'")
    return _TRANSLATED.sub(lambda found: _IN_ENGLISH[found[0]], plain)


def _days(text: str, now: datetime) -> tuple[date, date] | None:
    """The first and the last day that a question names, its numbers as digits."""
    today = now.date()
    if _THIS_WEEK.search(text):
        monday = today - today.weekday() * _DAY
        return monday, monday + 6 * _DAY
    day, said = find_day(text, today)
    if day is None:
        moment = find_moment(text, now)
        return None if moment is None else (moment.at.date(), moment.at.date())
    return day, day + 6 * _DAY if _WEEK.search(said) else day


def tell_tasks(question: str, now: datetime, *, uid: str, words: Phrases) -> str:
    """What is on the list, as a list; where days are named, also how much there is besides."""
    wanted = wanted_tasks(question, now)
    if _COUNTED.search(question):
        everything, more = list_action_items(uid=uid, limit=_MOST_COUNTED, filters=wanted)
        number = words.more_than.format(len(everything)) if more else len(everything)
        counted = words.one_task if number == 1 else words.tasks.format(number)
        if not everything:
            return counted
        return f"{counted}:\n\n" + "\n".join(_line(item, now, words) for item in _by_due_date(everything)[:MOST])
    found, _ = list_action_items(uid=uid, limit=MOST, filters=wanted)
    listed = "\n".join(_line(item, now, words) for item in _by_due_date(found)) or words.no_tasks
    dated = wanted.due_from is not None or wanted.due_until is not None
    besides = _besides(found, now, uid=uid, words=words) if dated and not wanted.completed else ""
    return f"{listed}\n\n{besides}" if besides else listed


def _besides(told: Sequence[ActionItem], now: datetime, *, uid: str, words: Phrases) -> str:
    """How many others are overdue, or have no day."""
    open_ones, more = list_action_items(uid=uid, limit=_MOST_COUNTED, filters=Filters(completed=False))
    ids = {item.id for item in told}
    others = [item for item in open_ones if item.id not in ids]
    overdue = sum(item.due_at is not None and item.due_at < now for item in others)
    undated = sum(item.due_at is None for item in others)
    said = [what.format(number) for number, what in ((overdue, words.overdue), (undated, words.undated)) if number]
    return words.besides.format(", ".join([*said, *([words.at_least] if more else [])])) if said else ""


def _by_due_date(items: Sequence[ActionItem]) -> list[ActionItem]:
    return sorted(items, key=lambda item: (item.due_at is None, item.due_at or item.created_at))


def _line(item: ActionItem, now: datetime, words: Phrases) -> str:
    due = f", {words.due.format(f'{item.due_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}')}" if item.due_at else ""
    return f"- [{'x' if item.completed else ' '}] {item.description}{due}"
