"""What holds for every structure, whoever made it: the rules that are checked and not only asked for."""

import re
from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

from common.llm.emoji import first_emoji
from common.llm.ports import Dialogue
from common.models.base import utc_moment
from common.models.structured import DEFAULT_EMOJI, DEFAULT_EVENT_MINUTES, ActionItem, Event, Structured

MAX_TITLE_WORDS = 10
MAX_TASK_WORDS = 15
MAX_EVENT_MINUTES = 180
MAX_ACTION_ITEMS = 30
MAX_EVENTS = 30
_LONGEST_LINE = 300
_LONGEST_OVERVIEW = 6000
_SAME = 0.95
_NAMELESS = re.compile(r"\bspeaker[ _-]?\d{1,3}\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+")
_ANY_WORD = re.compile(r"\w+")


def checked(structured: Structured, dialogue: Dialogue) -> Structured:
    """The same structure, within the rules: bounded, nothing past is due or an event, nothing twice or known before."""
    began = utc_moment(dialogue.started_at)
    return Structured(
        title=" ".join(structured.title.split()[:MAX_TITLE_WORDS])[:_LONGEST_LINE],
        overview=structured.overview.strip()[:_LONGEST_OVERVIEW],
        emoji=first_emoji(structured.emoji) or DEFAULT_EMOJI,
        category=structured.category,
        action_items=_tasks(structured.action_items, began, dialogue.known_tasks),
        events=_events(structured.events, began)[:MAX_EVENTS],
    )


def _tasks(items: list[ActionItem], began: datetime, known: Sequence[str]) -> list[ActionItem]:
    there = [_plain(description) for description in known]
    kept: list[ActionItem] = []
    for item in items:
        if len(kept) == MAX_ACTION_ITEMS:
            break
        description = _bounded(_NAMELESS.sub("them", item.description))
        plain = _plain(description)
        if plain and not any(_same(plain, other) for other in there):
            there.append(plain)
            due_at = item.due_at if item.due_at is not None and item.due_at >= began else None
            kept.append(item.model_copy(update={"description": description, "due_at": due_at}))
    return kept


def _events(events: list[Event], began: datetime) -> list[Event]:
    kept: dict[tuple[str, datetime], Event] = {}
    for event in events:
        title = " ".join(event.title.split())[:_LONGEST_LINE]
        duration = min(event.duration or DEFAULT_EVENT_MINUTES, MAX_EVENT_MINUTES)
        told = {"title": title, "duration": duration, "description": event.description.strip()[:_LONGEST_OVERVIEW]}
        if title and event.start >= began:
            kept.setdefault((title.lower(), event.start), event.model_copy(update=told))
    return list(kept.values())


def _bounded(description: str) -> str:
    words = description.split()
    short = " ".join(words[:MAX_TASK_WORDS]) + ("…" if len(words) > MAX_TASK_WORDS else "")
    return short[:_LONGEST_LINE]


def _plain(description: str) -> str:
    return " ".join(_ANY_WORD.findall(description.lower()))


def _same(one: str, other: str) -> bool:
    """Whether two wordings are the same but for some letters, never for a figure; cheap bounds first."""
    if _FIGURE.findall(one) != _FIGURE.findall(other):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _SAME and matcher.quick_ratio() >= _SAME and matcher.ratio() >= _SAME
