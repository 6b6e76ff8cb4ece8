"""Sessions: chats beside the main one, made, renamed, starred, emptied and deleted by the user."""

from datetime import datetime

from common.chat.emptying import delete_said
from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import ConflictError
from common.core.ids import new_id
from common.database import chat_sessions, messages
from common.database.messages import Chat
from common.models.chat import NEW_CHAT, ChatSession


def create_session(*, uid: str, title: str | None, app_id: str | None, session_id: str | None = None) -> ChatSession:
    """A new session without messages; under an id that was used before, the one that was made then."""
    now = clock.now()
    session = ChatSession(
        id=session_id or new_id(), title=title or NEW_CHAT, app_id=app_id, created_at=now, updated_at=now
    )
    try:
        return chat_sessions.of(uid=uid).create(session)
    except ConflictError:
        return chat_sessions.of(uid=uid).get(session.id)


def change_session(session_id: str, *, uid: str, title: str | None, starred: bool | None) -> ChatSession:
    """Rename a session, or star it or not; None leaves it as it is.

    Raises:
        NotFoundError: no such session.
    """

    def change(session: ChatSession) -> ChatSession:
        changed = {"title": title, "starred": starred}
        return session.model_copy(update={name: value for name, value in changed.items() if value is not None})

    return chat_sessions.of(uid=uid).change(session_id, change)


def delete_session(session_id: str, *, uid: str) -> None:
    """Delete a session with its messages and their files; the session first, so that no message comes any more.

    Raises:
        NotFoundError: no such session.
    """
    chat_sessions.of(uid=uid).delete(session_id)
    deletions.tell(Deletion.CHAT_SESSION, session_id, uid=uid)
    delete_said(Chat(session_id=session_id), uid=uid)


def empty_chat(chat: Chat, *, uid: str, before: datetime | None = None) -> int:
    """Delete all messages of a chat and their files, without beginning anew; how many messages there were.

    Args:
        chat: which.
        uid: whose.
        before: only what is older; what is under way is forgotten anyway.

    Raises:
        NotFoundError: no such session.
    """
    sessions = chat_sessions.of(uid=uid)
    if chat.session_id is not None:
        sessions.get(chat.session_id)
    deletions.tell(Deletion.CHAT, chat.session_id or "", uid=uid, app_id=chat.app_id)
    deleted = delete_said(chat, uid=uid, before=before)
    if chat.session_id is not None:
        left = messages.count(chat, uid=uid)
        emptied = {"message_count": left, **({} if left else {"preview": None})}
        sessions.change(chat.session_id, lambda session: session.model_copy(update=emptied))
    return deleted
