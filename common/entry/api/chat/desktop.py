"""Messages of programs that talk to a model themselves: only kept."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from common.chat.converse import Sent, receive
from common.chat.history import rate_message, shown
from common.chat.sessions import empty_chat
from common.database import messages
from common.database.messages import Chat
from common.entry.api.chat.chosen import LONGEST_ID, AppId, ClientKey, named
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.chat import MessageSender, MessageView

router = Router(prefix="/v2/desktop/messages", tags=["chat sessions"], responses=responses(401, 404))

LONGEST_TEXT = 100_000

SessionId = Annotated[str | None, Query(max_length=LONGEST_ID)]


class SaveRequest(BaseModel):
    """A message to keep."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT, examples=["Where did we leave off?"])
    sender: MessageSender
    app_id: str | None = Field(None, max_length=LONGEST_ID)
    session_id: str | None = Field(None, max_length=LONGEST_ID)
    metadata: str | None = Field(None, max_length=LONGEST_TEXT)
    client_message_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    message_source: str | None = Field(None, max_length=100)


class RateRequest(Shape):
    """How good an answer was; null takes the rating back."""

    rating: Literal[-1, 1] | None = None


class Rated(Shape):
    """The rating is kept."""

    status: Literal["ok"] = "ok"


class Emptied(Shape):
    """The chat has no messages any more."""

    status: Literal["ok"] = "ok"
    deleted_count: int


@router.post("")
def save(user: User, body: SaveRequest, key: ClientKey = None) -> MessageView:
    """Keep a message; under the same `client_message_id` it is kept once."""
    sent = Sent(
        text=body.text,
        chat=_chat(body.app_id, body.session_id),
        sender=body.sender,
        key=body.client_message_id or key,
        source=body.message_source,
        metadata=body.metadata,
    )
    return receive(sent, uid=user)


@router.get("")
def list_newest(
    user: User,
    app_id: AppId = None,
    session_id: SessionId = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[MessageView]:
    """The messages of a session or chat, newest first."""
    found = messages.list_newest(_chat(app_id, session_id), uid=user, limit=limit, offset=offset)
    return list(shown(found, uid=user))


@router.delete("")
def empty(user: User, app_id: AppId = None, session_id: SessionId = None) -> Emptied:
    """Delete the messages of a session or chat; the session stays."""
    return Emptied(deleted_count=empty_chat(_chat(app_id, session_id), uid=user))


@router.patch("/{message_id}/rating")
def rate(user: User, message_id: str, body: RateRequest | None = None) -> Rated:
    """Say how good an answer was."""
    rate_message(message_id, uid=user, rating=body.rating if body else None)
    return Rated()


def _chat(app_id: str | None, session_id: str | None) -> Chat:
    return Chat(session_id=session_id) if session_id else Chat(app_id=named(app_id))
