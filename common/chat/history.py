"""What was said in a chat: listed, begun, cleared, reported."""

from common.chat.emptying import delete_said
from common.chat.greeting import greeting
from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import BadRequestError, ConflictError
from common.core.ids import derived_id, new_id
from common.database import citations, messages
from common.database.messages import Chat
from common.models.chat import Message, MessageSender

NEWEST = 100
"""Messages that a chat shows at once."""


def list_messages(chat: Chat, *, uid: str) -> list[Message]:
    """The newest messages, newest first; a chat without any begins with a greeting."""
    newest = messages.list_newest(chat, uid=uid, limit=NEWEST)
    return shown(newest, uid=uid) if newest else [_greet_first(chat, uid=uid)]


def greet(chat: Chat, *, uid: str, message_id: str | None = None, again: bool = False) -> Message:
    """A greeting: the first of an empty chat, whoever asks for it and how often, or another one.

    Args:
        chat: where.
        uid: whose.
        message_id: of another one; else a new id.
        again: whether it may have been made before; then it is that which is found.
    """
    newest = messages.list_newest(chat, uid=uid, limit=1)
    if not newest:
        return _greet_first(chat, uid=uid)
    if again and newest[0].id in {_first_id(chat, uid=uid), message_id}:
        return newest[0]
    return messages.add(_greeting(message_id or new_id(), chat, uid=uid), uid=uid)


def clear_chat(chat: Chat, *, uid: str) -> Message:
    """Delete all messages of a chat and the files that hung on them, and begin anew."""
    deletions.tell(Deletion.CHAT, chat.session_id or "", uid=uid, app_id=chat.app_id)
    delete_said(chat, uid=uid)
    return _greet_first(chat, uid=uid)


def report_message(message_id: str, *, uid: str) -> None:
    """Hide what the assistant should not have said.

    Raises:
        NotFoundError: no such message.
        BadRequestError: the user said it.
    """

    def report(message: Message) -> Message:
        if message.sender is not MessageSender.AI:
            raise BadRequestError("Only messages of the assistant can be reported")
        return message.model_copy(update={"reported": True})

    messages.of(uid=uid).change(message_id, report)


def rate_message(message_id: str, *, uid: str, rating: int | None) -> None:
    """Keep how good an answer was, -1 or 1, or that nobody says so any more.

    Raises:
        NotFoundError: no such message.
    """
    messages.of(uid=uid).change(message_id, lambda message: message.model_copy(update={"rating": rating}))


def shown(found: list[Message], *, uid: str) -> list[Message]:
    """As they are shown: without those reported, with the titles of what they cite."""
    visible = [message for message in found if not message.reported]
    titles = citations.find((each for message in visible for each in message.memories_id), uid=uid)
    return [
        message.model_copy(update={"memories": [titles[each] for each in message.memories_id if each in titles]})
        for message in visible
    ]


def _greet_first(chat: Chat, *, uid: str) -> Message:
    """Its id follows from the chat: two that find it empty at once write one greeting."""
    message = _greeting(_first_id(chat, uid=uid), chat, uid=uid)
    try:
        return messages.add(message, uid=uid)
    except ConflictError:
        return messages.of(uid=uid).find(message.id) or message


def _first_id(chat: Chat, *, uid: str) -> str:
    return derived_id("greeting", uid, chat.app_id or "")


def _greeting(message_id: str, chat: Chat, *, uid: str) -> Message:
    text = greeting(chat, uid=uid)
    return Message(id=message_id, text=text, created_at=clock.now(), sender=MessageSender.AI, app_id=chat.app_id)
