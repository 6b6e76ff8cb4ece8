"""Chats beside the main one."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from common.chat.sessions import change_session, create_session, delete_session
from common.database import chat_sessions
from common.entry.api.chat.chosen import LONGEST_ID, AppId, named
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.chat import ChatSession

router = Router(prefix="/v2/chat-sessions", tags=["chat sessions"], responses=responses(401))

_Title = Annotated[str, Field(min_length=1, max_length=500, examples=["The flat near the station"])]


class CreateRequest(Shape):
    """A new session; without a title it is a new chat."""

    title: _Title | None = None
    app_id: str | None = Field(None, max_length=LONGEST_ID)


class ChangeRequest(Shape):
    """What to change; what is absent or null stays."""

    title: _Title | None = None
    starred: bool | None = None


class Deleted(Shape):
    """It is gone, with its messages."""

    status: Literal["ok"] = "ok"


@router.get("")
def list_newest(
    user: User,
    app_id: AppId = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    *,
    starred: bool | None = None,
) -> list[ChatSession]:
    """The user's sessions, last changed first."""
    return chat_sessions.list_newest(uid=user, limit=limit, offset=offset, app_id=named(app_id), starred=starred)


@router.post("", responses=responses(409))
def create(user: User, once: OncePerKey, body: CreateRequest | None = None) -> ChatSession:
    """Begin a chat beside the main one."""
    wanted = body or CreateRequest()

    def begin() -> ChatSession:
        return create_session(uid=user, title=wanted.title, app_id=named(wanted.app_id), session_id=once.id)

    return once(ChatSession, begin, uid=user)


@router.get("/{session_id}", responses=responses(404))
def get(user: User, session_id: str) -> ChatSession:
    """One session."""
    return chat_sessions.of(uid=user).get(session_id)


@router.patch("/{session_id}", responses=responses(404))
def change(user: User, session_id: str, body: ChangeRequest | None = None) -> ChatSession:
    """Rename or star a session."""
    wanted = body or ChangeRequest()
    return change_session(session_id, uid=user, title=wanted.title, starred=wanted.starred)


@router.delete("/{session_id}", responses=responses(404))
def delete(user: User, session_id: str) -> Deleted:
    """Delete a session with its messages and their files."""
    delete_session(session_id, uid=user)
    return Deleted()
