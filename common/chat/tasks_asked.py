"""Questions for what is to be done, understood without a language model: "what are my tasks for tomorrow?"."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from common.action_items.edit import list_action_items
from common.database.action_items import Filters
from common.llm.dates import find_moment
from common.models.action_item import ActionItem

MOST = 20
NO_TASKS = "There is nothing on your list"
_ASKED = re.compile(
    r"\b(?:my|any|open)\b.{0,20}\b(?:tasks?|to-?dos?|action items?|reminders?)\b"
    r"|\b(?:which|what|list|show)(?: (?:are|is|me|all|the|of))* (?:tasks?|to-?dos?|action items?|reminders?)\b"
    r"|\bwhat (?:do|must|should) i (?:have to |need to )?do\b"
    r"|\b(?:meine|welche|offene)n? aufgaben\b|\bmis tareas\b|\bmes t[âa]ches\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:done|completed|finished|erledigte?n?|hechas|termin[ée]e?s)\b", re.IGNORECASE)
_WEEK = re.compile(r"\bweek\b")


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
    moment = find_moment(question.lower(), now)
    if moment is None:
        return Filters(completed=completed)
    first = datetime.combine(moment.at.date(), time(), tzinfo=now.tzinfo)
    days = 7 if _WEEK.search(moment.said) else 1
    return Filters(completed=completed, due_from=first, due_until=first + timedelta(days=days, microseconds=-1))


def tell_tasks(question: str, now: datetime, *, uid: str) -> str:
    """What is on the list, as a list."""
    found, _ = list_action_items(uid=uid, limit=MOST, filters=wanted_tasks(question, now))
    return "\n".join(_line(item, now) for item in _by_due_date(found)) or f"{NO_TASKS}."


def _by_due_date(items: Sequence[ActionItem]) -> list[ActionItem]:
    return sorted(items, key=lambda item: (item.due_at is None, item.due_at or item.created_at))


def _line(item: ActionItem, now: datetime) -> str:
    due = f", due {item.due_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}" if item.due_at else ""
    return f"- [{'x' if item.completed else ' '}] {item.description}{due}"
