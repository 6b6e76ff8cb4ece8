"""What a user deletes, or takes back, is told in the log by its id: a database that is brought back does not know it.

`operate deletions` reads these lines. Of conversations, memories, action items and users the steps tell that follow.
"""

from enum import StrEnum

from common.core.ids import digest
from common.core.logs import get_logger


class Deletion(StrEnum):
    """What it was."""

    APP = "app"
    APP_KEY = "app key"
    CHAT = "chat"
    CHAT_SESSION = "chat session"
    CONSENT = "consent"
    DAILY_SUMMARY = "daily summary"
    DEVELOPER_KEY = "developer key"
    ENABLED_APP = "enabled app"
    FOLDER = "folder"
    GOAL = "goal"
    MCP_KEY = "mcp key"
    MEETING = "meeting"
    PERSON = "person"
    SHARE = "share"
    SHARED_CONVERSATION = "shared conversation"
    TASK_LIST = "task list"
    WEBHOOK = "webhook"


def tell(kind: Deletion, document_id: str, *, uid: str, app_id: str | None = None, moved_to: str | None = None) -> None:
    """Tell of one.

    Args:
        kind: what it was.
        document_id: which; of a chat that is no session's, nothing.
        uid: whose.
        app_id: of which app, where it is one of an app's.
        moved_to: where its contents went, if they were not deleted.
    """
    besides = {"app_id": app_id, "moved_to": moved_to}
    known = {name: value for name, value in besides.items() if value is not None}
    get_logger().info("deleted", kind=kind.value, document_id=document_id, user=digest(uid), **known)
