"""Collection `users/{uid}/chat_sessions`: chats beside the main one."""

from __future__ import annotations

from common.database.documents import Documents
from common.database.firestore import DESCENDING, field_filter
from common.models.chat import ChatSession


def of(*, uid: str) -> Documents[ChatSession]:
    """A user's sessions."""
    return Documents("users", uid, "chat_sessions", model=ChatSession, noun="Chat session")


def list_newest(
    *, uid: str, limit: int, offset: int, app_id: str | None = None, starred: bool | None = None
) -> list[ChatSession]:
    """Last changed first; of one app, or starred or not, where that is asked for."""
    sessions = of(uid=uid)
    query = sessions.collection.order_by("updated_at", direction=DESCENDING)
    if app_id is not None:
        query = query.where(filter=field_filter("plugin_id", "==", app_id))
    if starred is not None:
        query = query.where(filter=field_filter("starred", "==", starred))
    # Not by cursor: a session that is written to moves to the front, and would take the cursor with it.
    return sessions.stream(query.offset(offset).limit(limit))
