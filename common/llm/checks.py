"""What holds for every structure, whoever made it: the rules that are checked and not only asked for."""

from datetime import datetime

from common.llm.emoji import first_emoji
from common.llm.ports import Dialogue
from common.models.base import utc_moment
from common.models.structured import DEFAULT_EMOJI, DEFAULT_EVENT_MINUTES, ActionItem, Event, Structured

MAX_TITLE_WORDS = 10
MAX_EVENT_MINUTES = 180
MAX_ACTION_ITEMS = 30
MAX_EVENTS = 30


def checked(structured: Structured, dialogue: Dialogue) -> Structured:
    """The same structure, within the rules: the past is never due and no event, and nothing is there twice."""
    began = utc_moment(dialogue.started_at)
    return Structured(
        title=" ".join(structured.title.split()[:MAX_TITLE_WORDS]),
        overview=structured.overview.strip(),
        emoji=first_emoji(structured.emoji) or DEFAULT_EMOJI,
        category=structured.category,
        action_items=_tasks(structured.action_items, began)[:MAX_ACTION_ITEMS],
        events=_events(structured.events, began)[:MAX_EVENTS],
    )


def _tasks(items: list[ActionItem], began: datetime) -> list[ActionItem]:
    kept: dict[str, ActionItem] = {}
    for item in items:
        description = " ".join(item.description.split())
        due_at = item.due_at if item.due_at is not None and item.due_at >= began else None
        if description:
            kept.setdefault(description.lower(), item.model_copy(update={"description": description, "due_at": due_at}))
    return list(kept.values())


def _events(events: list[Event], began: datetime) -> list[Event]:
    kept: dict[tuple[str, datetime], Event] = {}
    for event in events:
        title = " ".join(event.title.split())
        duration = min(event.duration or DEFAULT_EVENT_MINUTES, MAX_EVENT_MINUTES)
        if title and event.start >= began:
            kept.setdefault(
                (title.lower(), event.start), event.model_copy(update={"title": title, "duration": duration})
            )
    return list(kept.values())
