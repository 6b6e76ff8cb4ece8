"""`/v1/sync/audio`: the recordings of a conversation, played from any point (CONTRACT section 3.9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import APIKeyQuery, HTTPBearer
from pydantic import Field

from common.conversations import listening_links, playback
from common.conversations.edit import get_unlocked
from common.conversations.playlist import Recording, list_recordings
from common.core.errors import NotFoundError
from common.core.ids import digest
from common.core.logs import bind
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import Credentials, User, signed_in
from common.entry.api.ranges import Part, requested_part
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.attachments import ConversationAudio
from common.models.base import Shape
from common.models.conversation import ConversationStatus
from common.speech.wav import wav_head

router = Router(prefix="/v1/sync/audio/{conversation_id}", tags=["audio"], responses=responses(401, 402, 404))

POLL_AFTER_MS = 3000

_bearer = HTTPBearer(scheme_name="IdToken", bearerFormat="JWT", description="A Firebase ID token", auto_error=False)
_link = APIKeyQuery(
    name="token", scheme_name="ListeningLink", description="Comes with the address of a recording", auto_error=False
)


class Format(StrEnum):
    """How a recording comes."""

    WAV = "wav"
    PCM = "pcm"

    @property
    def media_type(self) -> str:
        """What the answer is called."""
        return "audio/wav" if self is Format.WAV else "application/octet-stream"

    def head(self, size: int) -> bytes:
        """What stands before `size` bytes of PCM."""
        return wav_head(size) if self is Format.WAV else b""


class RecordingAddress(Shape):
    """A recording, and where it is to be had by whoever has the address, for an hour."""

    id: str
    status: Literal["cached", "pending"] = Field(description="`pending`: it still grows")
    signed_url: str | None
    content_type: str = Format.WAV.media_type
    duration: float = Field(description="Seconds")


class RecordingAddresses(Shape):
    """The recordings of a conversation, in order of time."""

    audio_files: list[RecordingAddress]
    conversation_audio: ConversationAudio | None = None
    poll_after_ms: int | None = None


class Prepared(Shape):
    """How many recordings can be played."""

    status: Literal["Ok"] = "Ok"
    message: str | None = None
    audio_file_count: int


async def _listening(
    conversation_id: str,
    audio_file_id: str,
    credentials: Annotated[Credentials, Security(_bearer)],
    token: Annotated[str | None, Security(_link)] = None,
) -> str:
    """The uid of whoever signed in, or was given the address.

    Raises:
        UnauthenticatedError: neither token nor address.
        PermissionDeniedError: the address is not one of ours, or its time is over.
    """
    if token is None:
        return await signed_in(credentials)
    uid = await run_in_threadpool(
        listening_links.listener, token, conversation_id=conversation_id, recording_id=audio_file_id
    )
    bind(uid=uid, step="api")
    return uid


Listener = Annotated[str, Depends(_listening)]


@dataclass(frozen=True)
class _Choice:
    """Which part of which recording in which form, and the headers that say so."""

    recording: Recording
    part: Part
    format: Format
    headers: dict[str, str]


def _chosen(  # noqa: PLR0917 - each is a parameter on the wire
    uid: Listener,
    conversation_id: str,
    audio_file_id: str,
    format: Format = Format.WAV,  # noqa: A002 - its name on the wire
    wanted: Annotated[str | None, Header(alias="Range", max_length=200, examples=["bytes=0-1023"])] = None,
    unchanged: Annotated[str | None, Header(alias="If-Range", max_length=200)] = None,
) -> _Choice:
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    for recording in list_recordings(conversation, uid=uid):
        if recording.id == audio_file_id:
            size = len(format.head(recording.size)) + recording.size
            tag = f'"{digest(recording.id, format, str(size))}"'
            part = requested_part(wanted if unchanged in {None, tag} else None, size=size)
            return _Choice(recording, part, format, {**part.headers, "ETag": tag, "Cache-Control": "private"})
    raise NotFoundError("Recording not found")


Chosen = Annotated[_Choice, Depends(_chosen)]

_AUDIO: dict[str, Any] = {
    "content": {
        each.media_type: {"schema": {"type": "string", "format": "binary"}} for each in (Format.WAV, Format.PCM)
    }
}
_PLAYED: dict[int | str, dict[str, Any]] = {
    **responses(403, 416),
    200: {"description": "The recording", **_AUDIO},
    206: {"description": "The part that was asked for", **_AUDIO},
}


@router.get("/urls")
def addresses(user: User, conversation_id: str, base_url: BaseUrl) -> RecordingAddresses:
    """Where the recordings of a conversation are to be had without a token, for an hour."""
    conversation = get_unlocked(uid=user, conversation_id=conversation_id)
    growing = conversation.status is ConversationStatus.IN_PROGRESS
    files = []
    for recording in list_recordings(conversation, uid=user):
        token = listening_links.leave_to_listen(uid=user, conversation_id=conversation_id, recording_id=recording.id)
        url = f"{base_url}/v1/sync/audio/{conversation_id}/{recording.id}?format=wav&token={token}"
        files.append(
            RecordingAddress(
                id=recording.id,
                status="pending" if growing else "cached",
                signed_url=None if growing or token is None else url,
                duration=round(recording.duration, 3),
            )
        )
    return RecordingAddresses(
        audio_files=files,
        conversation_audio=conversation.conversation_audio,
        poll_after_ms=POLL_AFTER_MS if growing and files else None,
    )


@router.post("/precache")
def prepare(user: User, conversation_id: str) -> Prepared:
    """Says how many recordings there are; they are made while they are played, so nothing has to be prepared."""
    conversation = get_unlocked(uid=user, conversation_id=conversation_id)
    return Prepared(audio_file_count=len(list_recordings(conversation, uid=user)))


@router.get("/{audio_file_id}", response_class=StreamingResponse, responses=_PLAYED)
def play(chosen: Chosen) -> Response:
    """A recording, or the range of it that is asked for: 16 kHz, mono, 16 bits."""
    part, headers = chosen.part, chosen.headers
    if part.outside:
        return _outside(headers)
    headers["Content-Length"] = str(part.end - part.start)
    return StreamingResponse(
        _pieces(chosen), status_code=part.status, media_type=chosen.format.media_type, headers=headers
    )


@router.head("/{audio_file_id}", response_class=Response, responses=_PLAYED)
def look(chosen: Chosen) -> Response:
    """How long a recording, or a range of it, is in bytes."""
    part, headers = chosen.part, chosen.headers
    if part.outside:
        return _outside(headers)
    headers["Content-Length"] = str(part.end - part.start)
    return Response(status_code=part.status, media_type=chosen.format.media_type, headers=headers)


def _pieces(chosen: _Choice) -> Iterator[bytes]:
    recording, part = chosen.recording, chosen.part
    head = chosen.format.head(recording.size)
    if part.start < len(head):
        yield head[part.start : part.end]
    if part.end > len(head):
        yield from playback.read_pcm(recording, max(0, part.start - len(head)), part.end - len(head))


def _outside(headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"detail": "The range lies outside the recording"}, status_code=416, headers=headers)
