"""What an address answers when it is told what was said: something the user shall hear (CONTRACT section 8.3).

An answer is data from a stranger: its size and form are checked, markup and control characters are taken out, and
nothing else is made of it.
"""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from common.apps.telling import tell
from common.core.logs import get_logger
from common.database import shared_notes
from common.models.app import App
from common.models.events import DeliverWebhook
from common.notifications.notify import notify

SHORTEST_MESSAGE = 6
LONGEST_MESSAGE = 5000
LONGEST_PROMPT = 128_000
INTERVAL_S = 30
"""At least so many (real) seconds lie between two messages of an app to a user."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def _only_text(value: Any) -> Any:
    return value if isinstance(value, str) else None


class ProactiveRequest(BaseModel):
    """What an app wants to have said on its behalf, if what it asks about gives reason to."""

    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    params: list[str] = Field(default_factory=list, max_length=10)
    context: dict[str, Any] | None = None


class Answer(BaseModel):
    """The parts of an answer that mean something."""

    message: Annotated[str | None, BeforeValidator(_only_text)] = None
    notification: Any = None

    @property
    def said(self) -> str:
        """The message as plain text; empty where it is too short to be one."""
        text = _TAG.sub("", self.message or "")
        text = "".join(character for character in text if character.isprintable() or character in "\n\t").strip()
        return text[:LONGEST_MESSAGE] if len(text) >= SHORTEST_MESSAGE else ""


def read_answer(body: bytes) -> Answer:
    """What an answer says; nothing, where it is none."""
    try:
        return Answer.model_validate_json(body)
    except (ValidationError, RecursionError):
        return Answer()


def act_on(answer: Answer, task: DeliverWebhook, app: App | None) -> None:
    """Say to the user what the app, or the user's own address, wants to be said; on one delivery once."""
    if answer.notification is not None and app is not None:
        _note_request(answer.notification, app)
    said = answer.said
    if not said:
        return
    if not shared_notes.take(f"webhook_said:{task.app_id or ''}:{task.uid}", seconds=INTERVAL_S):
        get_logger().info("webhook_message_too_soon", app_id=task.app_id)
        return
    if app is not None:
        tell(app, said, uid=task.uid, once=(task.delivery_id,), in_chat=True)
    else:
        notify(uid=task.uid, kind="webhook_message", title="Your webhook", body=said, once=(task.delivery_id,))


def _note_request(request: Any, app: App) -> None:
    """Requests to have something said by a model are checked, and not carried out."""
    try:
        ProactiveRequest.model_validate(request)
        reason = "not supported" if "proactive_notification" in app.capabilities else "not declared"
    except ValidationError:
        reason = "invalid"
    get_logger().info("proactive_notification_ignored", app_id=app.id, reason=reason)
