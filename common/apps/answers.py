"""What an address answers when it is told something: what the user shall hear (CONTRACT sections 8.2 and 8.3).

An answer is data from a stranger: its size and form are checked, markup and control characters are taken out, and
nothing else is made of it.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ValidationError

from common.apps.plain import plain_text
from common.apps.telling import tell
from common.core.logs import get_logger
from common.database import app_uses, shared_notes
from common.models.app import App
from common.models.app_use import UseKind
from common.models.events import DeliverWebhook
from common.models.webhook import WebhookKind
from common.notifications.notify import notify

SHORTEST_MESSAGE = 6
LONGEST_MESSAGE = 5000
INTERVAL_S = 30
"""At least so many (real) seconds lie between two messages of an app to a user about what is being said."""
_LARGEST_KEPT = 700_000
"""Bytes: the longest prompt that an app may send fits, and all of it fits into a document."""
_INVALID = ""


def _only_text(value: Any) -> Any:
    return value if isinstance(value, str) else None


class Answer(BaseModel):
    """The parts of an answer that mean something."""

    message: Annotated[str | None, BeforeValidator(_only_text)] = None
    notification: Any = None

    @property
    def text(self) -> str:
        """The message as plain text."""
        return plain_text(self.message or "", longest=LONGEST_MESSAGE)

    @property
    def said(self) -> str:
        """The same; empty where it is too short to interrupt anybody for."""
        return self.text if len(self.text) >= SHORTEST_MESSAGE else ""

    def kept(self) -> str:
        """What is kept of it until it is acted on, for `read_answer`; what is too large to be valid goes."""
        short = self.model_copy(update={"message": self.text or None})
        kept = short.model_dump_json()
        if len(kept.encode()) <= _LARGEST_KEPT:
            return kept
        return short.model_copy(update={"notification": _INVALID}).model_dump_json()


def read_answer(body: bytes | str) -> Answer:
    """What an answer says; nothing, where it is none."""
    try:
        return Answer.model_validate_json(body)
    except (ValidationError, RecursionError):
        return Answer()


def act_on(answer: Answer, task: DeliverWebhook, app: App | None) -> None:
    """Say to the user what the app, or the user's own address, wants to be said; on one delivery once."""
    if task.kind is WebhookKind.CONVERSATION:
        if app is not None:
            _about_conversation(answer, task, app)
        return
    if answer.notification is not None and app is not None:
        from common.apps.proactive import say_for  # reaches all that a model may be shown, and is seldom asked for

        say_for(app, answer.notification, task)
    said = answer.said
    if not said:
        return
    if not shared_notes.take(f"webhook_said:{task.app_id or ''}:{task.uid}", seconds=INTERVAL_S, by=task.delivery_id):
        get_logger().info("webhook_message_too_soon", app_id=task.app_id)
        return
    if app is not None:
        tell(app, said, uid=task.uid, once=(task.delivery_id,), in_chat=True)
        app_uses.note(app, UseKind.TRANSCRIPT_WEBHOOK, uid=task.uid, once=(task.delivery_id,))
    else:
        notify(uid=task.uid, kind="webhook_message", title="Your webhook", body=said, once=(task.delivery_id,))


def _about_conversation(answer: Answer, task: DeliverWebhook, app: App) -> None:
    if answer.text:
        tell(
            app,
            answer.text,
            uid=task.uid,
            once=(task.delivery_id,),
            in_chat=True,
            about=task.conversation_id,
            quietly=task.is_earlier,
        )
    app_uses.note(app, UseKind.CONVERSATION_WEBHOOK, uid=task.uid, once=(task.delivery_id,))
