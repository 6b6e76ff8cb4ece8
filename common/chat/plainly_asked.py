"""What is plain enough to be done without a language model: a task noted, appointments told. In English, mostly."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from common.action_items.edit import add_action_item
from common.chat.tasks_asked import wanted_tasks
from common.chat.tools.meetings import find_appointments
from common.llm.dates import find_moment

_MOST = 10
_LONGEST = 500
NOTHING_COMES = "I know of no appointments"
_POLITE = r"^\W*(?:(?:hey|hi|ok|okay|please|can you|could you|will you)\b[,\s]*)*"
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_WISHES = (
    re.compile(
        rf"{_POLITE}remind me (?P<when>(?:on|at|in|by|next|this|tomorrow|tonight|today)\b.{{0,40}}?) to (?P<task>.+)",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"{_POLITE}(?:remind me|don['\u2019]?t let me forget|remember) to (?P<task>.+)", re.IGNORECASE | re.DOTALL
    ),
    re.compile(
        rf"{_POLITE}(?:add|put|note) (?P<task>.+?) (?:to|on) (?:my|the) (?:list|(?:to-?do|task)s?(?: list)?|tasks)\W*$",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^\W*(?:add a |new )?(?:task|to-?do|reminder|note to self|aufgabe|tarea|t[âa]che)\s*: *(?P<task>.+)",
        re.IGNORECASE | re.DOTALL,
    ),
)
_APPOINTMENT = r"(?:appointments?|meetings?|events?)"
_APPOINTMENTS = re.compile(
    rf"\b(?:next|upcoming|coming)\b.{{0,30}}\b{_APPOINTMENT}\b|\bwhen is my\b.{{0,40}}\b{_APPOINTMENT}\b"
    rf"|\b(?:any|what|which)\b.{{0,20}}\b{_APPOINTMENT}\b.{{0,20}}\b(?:i|coming)\b"
    rf"|\bi have\b.{{0,20}}\b{_APPOINTMENT}\b"
    r"|\b(?:on|in) my (?:calendar|agenda|schedule)\b"
    r"|\bn[äa]chste[nrs]? termine?\b|\bpr[óo]xima cita\b|\bprochain rendez-vous\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:did|was|were|had|said|last|yesterday)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """A task that the user wants on the list; `due_at` where a time is said."""

    description: str
    due_at: datetime | None


def find_wish(text: str, now: datetime) -> Wish | None:
    """The task that a message asks to be noted, if it plainly does. Pure.

    Args:
        text: the message.
        now: when it was written, in the user's timezone.
    """
    for pattern in _WISHES:
        found = pattern.match(text)
        task = " ".join(found["task"].split()).rstrip(".!? ").strip(_QUOTES) if found else ""
        if found and any(each.isalnum() for each in task):
            moment = find_moment(found.groupdict().get("when") or task, now)
            return Wish(f"{task[0].upper()}{task[1:]}"[:_LONGEST], moment.at if moment else None)
    return None


def note(wish: Wish, *, uid: str) -> str:
    """Put it on the list, where the same words are the same task; the line that says so."""
    item = add_action_item(uid=uid, description=wish.description, due_at=wish.due_at)
    due = f", due {wish.due_at:%Y-%m-%d %H:%M}" if wish.due_at else ""
    return f"- [ ] {item.description}{due}"


def asks_for_appointments(text: str) -> bool:
    """Whether a question is for what is to come. Pure."""
    return _APPOINTMENTS.search(text) is not None and _PAST.search(text) is None


def tell_appointments(question: str, now: datetime, *, uid: str) -> tuple[str, tuple[str, ...]]:
    """What comes next, or on the days that are named, as a list, and the conversations in which that was said.

    Args:
        question: in words.
        now: when it is asked, in the user's timezone.
        uid: whose they are.
    """
    days = wanted_tasks(question, now)
    since = max(now, days.due_from) if days.due_from is not None else now
    found = find_appointments(uid=uid, zone=now.tzinfo or UTC, since=since, until=days.due_until)[:_MOST]
    lines = "\n".join(f"- {each.text.strip()}" for each in found)
    return lines or f"{NOTHING_COMES}.", tuple(dict.fromkeys(each.conversation_id for each in found))
