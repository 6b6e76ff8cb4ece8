"""What is plain enough to be done without a language model: a task noted, appointments told."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from common.action_items.edit import add_action_item
from common.chat.phrases import Phrases
from common.chat.tasks_asked import wanted_tasks
from common.chat.tools.meetings import find_appointments
from common.llm.dates import find_moment
from common.memories.edit import list_memories

_MOST = 10
_LONGEST = 500
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
        rf"{_POLITE}(?:bitte )?erinnere? mich (?:bitte )?daran,? (?P<task>.+)"
        rf"|{_POLITE}rappelle[- ]moi (?:de |d['\u2019])(?P<tache>.+)"
        rf"|{_POLITE}recu[ée]rdame (?P<tarea>\w+[aei]r(?:me|te|le|lo|la|los|las|nos)?\b.*)",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"^\W*(?:add a |new )?(?:task|to-?do|reminder|note to self|aufgabe|tarea|t[âa]che)\s*: *(?P<task>.+)",
        re.IGNORECASE | re.DOTALL,
    ),
)
_TASK = ("task", "tache", "tarea")
"""Names of the groups that hold it."""
_APPOINTMENT = r"(?:appointments?|meetings?|events?)"
_APPOINTMENTS = re.compile(
    rf"\b(?:next|upcoming|coming)\b.{{0,30}}\b{_APPOINTMENT}\b|\bwhen is my\b.{{0,40}}\b{_APPOINTMENT}\b"
    rf"|\b(?:any|what|which)\b.{{0,20}}\b{_APPOINTMENT}\b.{{0,20}}\b(?:i|coming)\b"
    rf"|\bi have\b.{{0,20}}\b{_APPOINTMENT}\b"
    r"|\b(?:on|in) my (?:calendar|agenda|schedule)\b"
    r"|\b(?:n[äa]chste[nrs]?|kommende[nrs]?|welche|meine|habe ich)\b.{0,30}\btermine?\b"
    r"|\b(?:pr[óo]ximas?|qu[ée]|mis|tengo)\b.{0,20}\b(?:citas?|reuni[óo]n(?:es)?)\b"
    r"|\b(?:prochaine?s?|quel(?:le)?s|mes|ai-je|j'ai)\b.{0,20}\b(?:rendez-vous|r[ée]unions?)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:did|was|were|had|said|last|yesterday|hatten?|war(?:en)?|gestern|letzten?|tuve|tuvimos|ayer|pasad[ao]|eu|hier"
    r"|derni[èe]re?)\b",
    re.IGNORECASE,
)


_OF_ME = re.compile(
    r"^\W*(?:what (?:do|else do) you know (?:about|of) me|who am i"
    r"|was wei(?:ß|ss)t du (?:alles )?(?:über|von) mi(?:ch|r)"
    r"|wer bin ich|qu[ée] sabes (?:de|sobre) m[íi]|qui[ée]n soy|que sais-tu (?:de|sur) moi|qui suis-je)\W*$",
    re.IGNORECASE,
)


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
        said = next((found[name] for name in _TASK if found.groupdict().get(name)), "") if found else ""
        task = " ".join(said.split()).rstrip(".!? ").strip(_QUOTES)
        if found and any(each.isalnum() for each in task):
            moment = find_moment(found.groupdict().get("when") or task, now)
            return Wish(f"{task[0].upper()}{task[1:]}"[:_LONGEST], moment.at if moment else None)
    return None


def note(wish: Wish, *, uid: str, words: Phrases) -> str:
    """Put it on the list, where the same words are the same task; the line that says so."""
    item = add_action_item(uid=uid, description=wish.description, due_at=wish.due_at)
    due = f", {words.due.format(f'{wish.due_at:%Y-%m-%d %H:%M}')}" if wish.due_at else ""
    return f"- [ ] {item.description}{due}"


def asks_for_appointments(text: str) -> bool:
    """Whether a question is for what is to come. Pure."""
    return _APPOINTMENTS.search(text) is not None and _PAST.search(text) is None


def tell_appointments(question: str, now: datetime, *, uid: str, words: Phrases) -> tuple[str, tuple[str, ...]]:
    """What comes next, or on the days that are named, as a list, and the conversations in which that was said.

    Args:
        question: in words.
        now: when it is asked, in the user's timezone.
        uid: whose they are.
        words: what is said besides.
    """
    days = wanted_tasks(question, now)
    since = max(now, days.due_from) if days.due_from is not None else now
    found = find_appointments(uid=uid, zone=now.tzinfo or UTC, since=since, until=days.due_until)[:_MOST]
    lines = "\n".join(f"- {each.text.strip()}" for each in found)
    return lines or words.nothing_comes, tuple(dict.fromkeys(each.conversation_id for each in found))


def asks_for_facts(text: str) -> bool:
    """Whether a question is for what is known of the user. Pure."""
    return _OF_ME.match(text) is not None


def tell_facts(*, uid: str, words: Phrases) -> str:
    """What is known of the user, as a list."""
    known = [each.content for each in list_memories(uid=uid, limit=_MOST) if not each.is_locked]
    return "\n".join(f"- {fact}" for fact in known) or words.no_facts
