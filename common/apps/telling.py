"""What an app says to a user: a notification, and a chat message where the app's manifest wants one."""

from collections.abc import Sequence
from contextlib import suppress

from common.core import clock
from common.core.errors import ConflictError
from common.core.ids import new_id
from common.database import messages
from common.models.app import App
from common.models.chat import Message, MessageSender, app_message_id
from common.notifications.notify import notify


def tell(
    app: App,
    text: str,
    *,
    uid: str,
    once: Sequence[str] = (),
    in_chat: bool = False,
    about: str | None = None,
    quietly: bool = False,
) -> None:
    """Let an app say something, at once (CONTRACT section 4.5).

    In the main chat it says who is speaking; in the chat with the app that is plain.

    Args:
        app: who says it.
        text: what.
        uid: to whom.
        once: names the occasion; on the same one it is said once. Empty: it is always new.
        in_chat: whether it becomes a chat message even if the manifest does not ask for that; it is notified of unless
            the manifest says that the app's messages are not.
        about: the conversation it is about.
        quietly: whether nobody is notified of it.
    """
    integration = app.external_integration
    by_manifest = integration is not None and integration.chat_messages_enabled
    in_main = by_manifest and integration is not None and integration.chat_messages_target == "main"
    if by_manifest or in_chat:
        message = Message(
            id=app_message_id(*once) if once else new_id(),
            text=f"[{app.name}] {text}" if in_main else text,
            created_at=clock.now(),
            sender=MessageSender.AI,
            app_id=None if in_main else app.id,
            from_external_integration=True,
            memories_id=[about] if about else [],
        )
        with suppress(ConflictError):
            messages.add(message, uid=uid)
    unwanted = in_chat and by_manifest and integration is not None and not integration.chat_messages_notify
    if quietly or unwanted:
        return
    notify(
        uid=uid,
        kind="app_message",
        title=app.name,
        body=text,
        once=once,
        data={"plugin_id": app.id, "from_integration": "true", "navigate_to": f"/chat/{app.id}"},
        app_id=app.id,
    )
