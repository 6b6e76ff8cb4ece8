"""The chat with the assistant and with apps: asked, listed, cleared, reported."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from common.chat.assurance import Assurance
from common.chat.converse import Sent, receive, respond
from common.chat.history import clear_chat, greet, list_messages, report_message
from common.database.messages import Chat
from common.entry.api.chat.chosen import LONGEST_ID, Chosen, ClientKey
from common.entry.api.chat.stream import DESCRIBED, AnswerStream
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.chat import Message, MessageContext, MessageView

router = Router(prefix="/v2", tags=["chat"], responses=responses(401))

LONGEST_TEXT = 10_000
MOST_FILES = 10

ShortId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]


class SendRequest(BaseModel):
    """A message of the user's."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT, examples=["What did we say about the flat?"])
    file_ids: list[ShortId] = Field(default_factory=list, max_length=MOST_FILES)
    context: MessageContext | None = None
    chat_session_id: ShortId | None = None
    client_message_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class Reported(Shape):
    """The message is hidden."""

    message: str = "Message reported"


@router.post("/messages", status_code=200, response_class=AnswerStream, responses=DESCRIBED | responses(404))
def send(user: User, chosen: Chosen, body: SendRequest, key: ClientKey = None) -> AnswerStream:
    """Say something; the answer streams in as blocks `think: `, `data: ` and at last `done: ` or `error: `."""
    message = receive(sent(body, chosen, key), uid=user)
    assurance = Assurance(message, uid=user, context=body.context)
    steps = respond(message, uid=user, context=body.context, assurance=assurance)
    return AnswerStream(steps, assurance=assurance)


@router.get("/messages")
def list_newest(
    user: User,
    chosen: Chosen,
    *,
    dropdown_selected: Annotated[bool, Query(description="How the chat was chosen; it changes nothing")] = False,  # noqa: ARG001
) -> list[MessageView]:
    """The newest messages, newest first; a chat without any begins with a greeting."""
    return list(list_messages(chosen, uid=user))


@router.delete("/messages")
def clear(user: User, chosen: Chosen) -> MessageView:
    """Delete all messages of a chat and answer with the greeting that begins it anew."""
    return clear_chat(chosen, uid=user)


@router.post("/initial-message", responses=responses(409))
def initial_message(user: User, chosen: Chosen, once: OncePerKey) -> MessageView:
    """Have the assistant, or the app, say hello."""
    return once(Message, lambda: greet(chosen, uid=user, message_id=once.id, again=once.tries > 1), uid=user)


@router.post("/messages/{message_id}/report", responses=responses(400, 404))
def report(user: User, message_id: str) -> Reported:
    """Hide what the assistant should not have said."""
    report_message(message_id, uid=user)
    return Reported()


def sent(body: SendRequest, chosen: Chat, key: str | None) -> Sent:
    """What a request sends into which chat; a session it names goes before an app."""
    chat = Chat(session_id=body.chat_session_id) if body.chat_session_id else chosen
    return Sent(text=body.text, chat=chat, file_ids=tuple(body.file_ids), key=body.client_message_id or key)
