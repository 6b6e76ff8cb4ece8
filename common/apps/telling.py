"""What an app says to a user: a notification, and a chat message where the app's manifest wants one."""

from common.core import clock
from common.core.ids import new_id
from common.database import messages
from common.models.app import App
from common.models.chat import Message, MessageSender
from common.notifications.notify import notify


def tell(app: App, text: str, *, uid: str) -> None:
    """Let an app say something, at once (CONTRACT section 4.5).

    In the main chat it says who is speaking; in the chat with the app that is plain.
    """
    integration = app.external_integration
    in_main = integration is not None and integration.chat_messages_target == "main"
    if integration is not None and integration.chat_messages_enabled:
        message = Message(
            id=new_id(),
            text=f"[{app.name}] {text}" if in_main else text,
            created_at=clock.now(),
            sender=MessageSender.AI,
            app_id=None if in_main else app.id,
            from_external_integration=True,
        )
        messages.add(message, uid=uid)
    notify(
        uid=uid,
        kind="app_message",
        title=app.name,
        body=text,
        data={"plugin_id": app.id, "from_integration": "true", "navigate_to": f"/chat/{app.id}"},
        app_id=app.id,
    )
