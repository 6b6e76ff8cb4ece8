"""An app wants to have something said: the language model writes it, from what the app may know (CONTRACT section 8.3).

The app never sees what is filled in for it, nor what comes of it; what it may have filled in is what it declared.
"""

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from common.apps.telling import tell
from common.conversations.search import search_conversations
from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.database import app_uses, messages, shared_notes, users
from common.database.messages import Chat
from common.llm.notifying import Notifier, notifier
from common.memories.edit import list_memories
from common.models.app import App
from common.models.app_use import Left, UseKind
from common.models.chat import MessageSender
from common.models.conversation import Conversation
from common.models.events import DeliverWebhook

CAPABILITY = "proactive_notification"
LONGEST_PROMPT = 128_000
GAP_S = 30
PER_HOUR, PER_DAY = 6, 24
"""Of one app to one user, in real time."""
_HOUR_S, _DAY_S = 3600, 24 * 3600
_SHORTEST = 6
_FACTS, _CONVERSATIONS, _MESSAGES = 60, 5, 10
_UNFIT = 10
"""Conversations looked at besides, of which some may be locked."""
_LONGEST_PART = 20_000
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class ProactiveContext(BaseModel):
    """Which conversations the app asks about."""

    question: str = Field("", max_length=1000)
    filters: dict[str, list[str]] = Field(default_factory=dict, max_length=10)

    @property
    def query(self) -> str:
        """In words."""
        return " ".join([self.question, *(word for words in self.filters.values() for word in words)])[:1000].strip()


class ProactiveRequest(BaseModel):
    """What an app wants to have said on its behalf, if what it asks about gives reason to."""

    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    params: list[str] = Field(default_factory=list, max_length=10)
    context: ProactiveContext | None = None


def say_for(app: App, request: Any, task: DeliverWebhook) -> None:
    """Have said what the app wants to have said; where that is not done, it is counted, and why."""
    left = _say(app, request, task)
    if left is not None:
        get_logger().info("proactive_notification_left", app_id=app.id, reason=left.name)
    kind = UseKind.PROACTIVE if left is None else UseKind.PROACTIVE_LEFT
    app_uses.note(app, kind, uid=task.uid, once=(task.delivery_id,), reason=left)


def _say(app: App, request: Any, task: DeliverWebhook) -> Left | None:
    """Why it was not said; None where it was."""
    if CAPABILITY not in app.capabilities:
        return Left.NOT_DECLARED
    try:
        wanted = ProactiveRequest.model_validate(request)
    except ValidationError:
        return Left.INVALID
    writer = notifier()
    if writer is None:
        return Left.NO_MODEL
    return _written(wanted, app, task, writer) if _allowed(app, task) else Left.TOO_OFTEN


def _written(wanted: ProactiveRequest, app: App, task: DeliverWebhook, writer: Notifier) -> Left | None:
    try:
        said = writer.write(filled(wanted, _sources(wanted, app, uid=task.uid)), app_name=app.name)
    except ProviderError:
        return Left.NO_ANSWER
    if len(said) < _SHORTEST:
        return Left.NO_REASON
    tell(app, said, uid=task.uid, once=("proactive", task.delivery_id), in_chat=True)
    return None


def filled(wanted: ProactiveRequest, sources: dict[str, Callable[[], str]]) -> str:
    """The app's prompt with what it may know in its places; what it may not know is left out. Pure but for sources."""
    known = {name: source()[:_LONGEST_PART] for name, source in sources.items() if _is_used(wanted.prompt, name)}
    return _PLACE.sub(lambda place: known.get(place.group(1), ""), wanted.prompt)


def _is_used(prompt: str, name: str) -> bool:
    return any(place == name for place in _PLACE.findall(prompt))


def _allowed(app: App, task: DeliverWebhook) -> bool:
    """Whether the app has not had its share; asking takes some of it."""
    owner = f"{app.id}:{task.uid}"
    return (
        shared_notes.take(f"proactive_gap:{owner}", seconds=GAP_S, by=task.delivery_id)
        and shared_notes.count_up(f"proactive_hour:{owner}", seconds=_HOUR_S) <= PER_HOUR
        and shared_notes.count_up(f"proactive_day:{owner}", seconds=_DAY_S) <= PER_DAY
    )


def _sources(wanted: ProactiveRequest, app: App, *, uid: str) -> dict[str, Callable[[], str]]:
    """What the app has declared and asks for."""
    scopes = app.proactive_notification.scopes if app.proactive_notification is not None else []
    query = wanted.context.query if wanted.context is not None else ""
    every: dict[str, Callable[[], str]] = {
        "user_name": lambda: users.display_name(uid=uid) or "the user",
        "user_facts": lambda: _facts(uid),
        "user_context": lambda: _context(query, uid),
        "user_chat": lambda: _chat(app.id, uid),
    }
    return {name: every[name] for name in wanted.params if name in every and name in scopes}


def _facts(uid: str) -> str:
    found = list_memories(uid=uid, limit=_FACTS)
    return "\n".join(f"- {memory.content}" for memory in found if not memory.is_locked)


def _context(query: str, uid: str) -> str:
    if not query:
        return ""
    hits = search_conversations(query, uid=uid, limit=_CONVERSATIONS + _UNFIT, include_discarded=False)
    found = [hit.conversation for hit in hits if not hit.conversation.is_locked][:_CONVERSATIONS]
    local = users.zone(uid=uid)
    return "\n".join(f"- {_day(each, local)}: {each.structured.title}. {each.structured.overview}" for each in found)


def _day(conversation: Conversation, local: tzinfo) -> str:
    """When it was, by the user's calendar."""
    return f"{conversation.began.astimezone(local):%Y-%m-%d}"


def _chat(app_id: str, uid: str) -> str:
    newest = messages.list_newest(Chat(app_id=app_id), uid=uid, limit=_MESSAGES)
    told = [message for message in reversed(newest) if not message.reported]
    return "\n".join(
        f"{'User' if message.sender is MessageSender.HUMAN else 'App'}: {message.text}" for message in told
    )
