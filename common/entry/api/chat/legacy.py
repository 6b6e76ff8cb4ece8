"""The chat as the clients of 2024 know it: answers come whole, and apps are plugins."""

from common.chat.assurance import Assurance
from common.chat.converse import receive, respond
from common.chat.history import clear_chat, greet, list_messages, report_message
from common.core.clock import Deadline
from common.core.errors import ProviderError
from common.entry.api.chat.chosen import Chosen, ClientKey
from common.entry.api.chat.messages import Reported, SendRequest, sent
from common.entry.api.chat.voice import REQUEST_S, Recordings, hear
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.chat import Answer, Message, MessageView

router = Router(prefix="/v1", tags=["chat"], responses=responses(401), deprecated=True)


@router.post("/messages", responses=responses(404))
def send(user: User, chosen: Chosen, body: SendRequest, key: ClientKey = None) -> Answer:
    """Say something and wait for the whole answer."""
    message = receive(sent(body, chosen, key), uid=user)
    return _whole(message, uid=user)


@router.get("/messages")
def list_newest(user: User, chosen: Chosen) -> list[MessageView]:
    """The newest messages, newest first; a chat without any begins with a greeting."""
    return list(list_messages(chosen, uid=user))


@router.delete("/messages")
def clear(user: User, chosen: Chosen) -> MessageView:
    """Delete all messages of a chat and answer with the greeting that begins it anew."""
    return clear_chat(chosen, uid=user)


@router.delete("/clear-chat")
def clear_by_its_first_name(user: User, chosen: Chosen) -> MessageView:
    """The same under an older name."""
    return clear_chat(chosen, uid=user)


@router.post("/clear-chat")
def clear_by_post(user: User, chosen: Chosen) -> MessageView:
    """The same for clients that send POST."""
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


@router.post("/voice-messages", responses=responses(400))
def send_voice(user: User, chosen: Chosen, files: Recordings, key: ClientKey = None) -> list[MessageView]:
    """Say something aloud and wait for the whole answer: what was understood, and the answer to it."""
    left = Deadline.real(REQUEST_S)
    message = hear(files, chosen, uid=user, key=key)
    return [message, _whole(message, uid=user, within_s=left.remaining)]


def _whole(message: Message, *, uid: str, within_s: float | None = None) -> Answer:
    assurance = Assurance(message, uid=uid, within_s=within_s)
    for step in respond(message, uid=uid, within_s=within_s, assurance=assurance):
        if isinstance(step, Answer):
            return step
    raise ProviderError("There is no answer")
