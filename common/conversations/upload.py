"""A recording put into the uploads bucket becomes a conversation, by the same way as stored live audio."""

import re
from collections.abc import Iterator
from datetime import timedelta

from common.conversations import spans
from common.conversations.offline import receiving
from common.core import clock
from common.core.errors import InvalidInputError, NotFoundError
from common.database import audio_blocks, conversations, refusals, uploads, users
from common.database.audio_blocks import AudioBlock
from common.models.conversation import (
    Capture,
    Conversation,
    ConversationSource,
    ConversationStatus,
    Failure,
    Interval,
)
from common.models.upload import Upload
from common.speech.blocks import encode_block
from common.speech.files import decode_file
from common.speech.tags import spoken
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

STEP = "transcribe_upload"
BLOCK_S = 60.0
_SESSION = "upload"
_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,3}")


def transcribe_upload(upload: Upload) -> str:
    """Store the recording as audio blocks and have every span of it transcribed, also where it was said to have failed.

    Raises:
        InvalidInputError: it is no audio that can be decoded.
        NotFoundError: it was replaced or deleted meanwhile.
        GoogleAPIError: a store failed.
    """
    uid = uploads.owner(upload)
    if receiving.is_offline(upload):
        return receiving.arrived(upload)
    conversation_id = upload.key
    try:
        with uploads.open_upload(upload) as file:
            seconds = _store_blocks(decode_file(file), uid=uid, conversation_id=conversation_id)
    except refusals.NotFound as error:
        if uploads.is_stored(upload):
            raise
        raise NotFoundError("the file was replaced or deleted before it could be read") from error
    if not seconds:
        return "empty"
    conversation = _open(upload, uid=uid, seconds=seconds)
    if conversation is None:
        audio_blocks.delete_all(uid=uid, conversation_id=conversation_id)
        return "deleted"
    if conversation.status is not ConversationStatus.IN_PROGRESS:
        return "already transcribed"
    spans.plan_spans(conversation, {_SESSION: [Interval(start=0.0, end=seconds)]}, uid=uid)
    return "planned"


def reject_upload(upload: Upload, reason: str) -> None:
    """Leave a trace where the user sees it: a failed conversation that says which file it was, and why.

    Told before, or deleted by its owner, it stays as it is.
    """
    try:
        uid = uploads.owner(upload)
    except InvalidInputError:
        return  # nobody to tell; the dead letter names the object
    if receiving.is_offline(upload):
        return  # it only could not be announced; the sweep looks for it
    now = upload.time_created or clock.now()
    file = upload.name.partition("/")[2]
    rejected = Conversation(
        id=upload.key,
        created_at=now,
        started_at=now,
        finished_at=now,
        source=ConversationSource.UNKNOWN,
        status=ConversationStatus.FAILED,
        capture=Capture(kind="upload"),
        failure=Failure(step=STEP, reason=f"{reason} ({file})"),
    )
    conversations.create_if_absent(rejected, uid=uid)


def is_rejected(conversation: Conversation) -> bool:
    """Whether it stands for a file that could not be taken in: there is nothing of it to be understood."""
    return (
        conversation.status is ConversationStatus.FAILED
        and conversation.failure is not None
        and conversation.failure.step == STEP
    )


def _open(upload: Upload, *, uid: str, seconds: float) -> Conversation | None:
    """The conversation of this upload, created by whichever delivery came first; None where its owner deleted it."""
    ended_at = upload.time_created or clock.now()
    user = users.find(uid=uid)
    conversation = Conversation(
        id=upload.key,
        created_at=ended_at,
        started_at=ended_at - timedelta(seconds=seconds),
        finished_at=ended_at,
        source=_source(upload),
        language=_language(upload) or user.language,
        private_cloud_sync_enabled=user.private_cloud_sync_enabled,
        status=ConversationStatus.IN_PROGRESS,
        capture=Capture(kind="upload"),
    )
    there = conversations.create_if_absent(conversation, uid=uid)
    if there is None or not is_rejected(there):
        return there
    return conversations.change(
        uid=uid,
        conversation_id=conversation.id,
        decide=lambda current: conversation if is_rejected(current) else None,
    )


def _language(upload: Upload) -> str | None:
    """Whoever uploads may say what is spoken; what is no language at all says nothing."""
    named = upload.metadata.get("language", "")
    return spoken(named) if _TAG.fullmatch(named) else None


def _source(upload: Upload) -> ConversationSource:
    """Whoever uploads may name the device; a name we do not know costs nobody the recording."""
    named = upload.metadata.get("source", ConversationSource.PHONE)
    return ConversationSource(named) if named in set(ConversationSource) else ConversationSource.UNKNOWN


def _store_blocks(pcm: Iterator[bytes], *, uid: str, conversation_id: str) -> float:
    """Store the audio in blocks of a minute; returns how many seconds there are."""
    block_bytes = int(BLOCK_S * BYTES_PER_SECOND)
    stored = 0
    waiting = bytearray()

    def store(data: bytes) -> None:
        block = AudioBlock(
            session_id=_SESSION,
            start=stored / BYTES_PER_SECOND,
            end=(stored + len(data)) / BYTES_PER_SECOND,
            codec="pcm16",
            sample_rate=SAMPLE_RATE,
        )
        audio_blocks.put(block, encode_block([data]), uid=uid, conversation_id=conversation_id)

    for chunk in pcm:
        waiting += chunk
        while len(waiting) >= block_bytes:
            store(bytes(waiting[:block_bytes]))
            stored += block_bytes
            del waiting[:block_bytes]
    if waiting:
        store(bytes(waiting))
    return (stored + len(waiting)) / BYTES_PER_SECOND
