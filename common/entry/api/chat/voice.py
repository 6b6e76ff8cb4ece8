"""Spoken messages."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import File, UploadFile

from common.chat.assurance import Assurance
from common.chat.converse import Sent, find_sent, receive, respond
from common.chat.voice import Recording, transcribe_voice
from common.core.clock import Deadline
from common.database.messages import Chat
from common.entry.api.chat.chosen import Chosen, ClientKey
from common.entry.api.chat.stream import DESCRIBED, AnswerStream
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.chat import Message

router = Router(prefix="/v2", tags=["chat"], responses=responses(400, 401))

Recordings = Annotated[
    list[UploadFile],
    File(min_length=1, max_length=10, description="wav, m4a, ogg and the like, or a wearable's frames in a `.bin`"),
]


REQUEST_S = 285.0
"""Real seconds for hearing and answering together: a little less than the service gives a request."""


class Transcript(Shape):
    """What is said in a recording."""

    transcript: str


@router.post("/voice-messages", status_code=200, response_class=AnswerStream, responses=DESCRIBED)
def send(user: User, chosen: Chosen, files: Recordings, key: ClientKey = None) -> AnswerStream:
    """Say something aloud; the stream begins with `message: `, what was understood, and goes on as for text."""
    left = Deadline.real(REQUEST_S)
    message = hear(files, chosen, uid=user, key=key)
    assurance = Assurance(message, uid=user, within_s=left.remaining)
    steps = respond(message, uid=user, within_s=left.remaining, assurance=assurance)
    return AnswerStream(steps, heard=message, assurance=assurance)


@router.post("/voice-message/transcribe")
def transcribe(user: User, files: Recordings) -> Transcript:
    """What is said in a recording, without sending it."""
    return Transcript(transcript=transcribe_voice(_recordings(files), uid=user))


def hear(files: Sequence[UploadFile], chosen: Chat, *, uid: str, key: str | None = None) -> Message:
    """The stored message that recordings stand for; those sent before under the same key are not heard again."""
    known = find_sent(Sent(text="", chat=chosen, key=key), uid=uid)
    if known is not None:
        return known
    text = transcribe_voice(_recordings(files), uid=uid)
    return receive(Sent(text=text, chat=chosen, key=key), uid=uid)


def _recordings(files: Sequence[UploadFile]) -> list[Recording]:
    return [Recording(name=file.filename or "", content=file.file) for file in files]
