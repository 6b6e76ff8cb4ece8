"""Files as a wearable makes them while nobody listens, and the chain run by hand until nothing is left to do."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from random import Random

import numpy as np

from common.conversations.offline.receiving import Sent
from common.conversations.offline.working import ingest_offline
from common.conversations.structure import structure_conversation
from common.conversations.transcribe_span import transcribe_span
from common.database import conversations
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import IngestOffline, TranscribeSpan
from common.speech.blocks import encode_block
from common.speech.opus import OpusEncoder
from common.speech.transcriber import SAMPLE_RATE

BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
_FRAME = SAMPLE_RATE // 50


@cache
def voice(seconds: float, *, seed: int = 1, level: int = 4000) -> bytes:
    """PCM that comes and goes as speech does."""
    random = Random(seed)  # noqa: S311 - no secret
    noise = [random.randint(-level, level) for _ in range(_FRAME)]
    quiet = [random.randint(-20, 20) for _ in range(_FRAME)]
    pcm = array("h")
    for number in range(round(seconds * 50)):
        shift = random.randrange(_FRAME)
        source = quiet if number % 12 > 8 else noise
        pcm.extend(source[shift:] + source[:shift])
    return pcm.tobytes()


@cache
def unrepeated(seconds: float, *, seed: int = 1) -> bytes:
    """PCM that comes and goes as speech does, of which no two frames are the same."""
    frames = np.random.default_rng(seed).integers(-4000, 4000, size=(round(seconds * 50), _FRAME))
    frames[np.arange(len(frames)) % 12 > 8] //= 200
    return frames.astype("<i2").tobytes()


def silence(seconds: float) -> bytes:
    """PCM of nothing."""
    return bytes(round(seconds * 50) * _FRAME * 2)


def opus_bin(pcm: bytes) -> bytes:
    """A file of Opus packets."""
    encoder = OpusEncoder()
    size = _FRAME * 2
    return encode_block([encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)])


def pcm_bin(pcm: bytes) -> bytes:
    """A file of PCM frames."""
    return encode_block([pcm[at : at + _FRAME * 2] for at in range(0, len(pcm), _FRAME * 2)])


def named(at: float, *, device: str = "omi", codec: str = "opus", begin: datetime = BEGIN) -> str:
    """The name of a file that begins `at` seconds after `begin`."""
    timestamp = int((begin + timedelta(seconds=at)).timestamp())
    return f"audio_{device}_{codec}_16000_1_fs160_{timestamp}.bin"


def sent(at: float, pcm: bytes, *, device: str = "omi") -> Sent:
    """A file of PCM frames that begins `at` seconds after BEGIN."""
    return Sent(named(at, device=device, codec="pcm16"), BytesIO(pcm_bin(pcm)))


def work(uid: str) -> None:
    """Run the worker, as the task that was enqueued would."""
    ingest_offline(IngestOffline(uid=uid))


def understand(uid: str, *, rounds: int = 10) -> None:
    """Transcribe and structure until every conversation of the user is terminal."""
    for _ in range(rounds):
        open_ones = [each for each in everything(uid) if not each.status.terminal]
        if not open_ones:
            return
        for conversation in open_ones:
            for key in conversation.pending_spans:
                span = TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation.id, run=conversation.run)
                transcribe_span(span)
            if conversation.status is ConversationStatus.PROCESSING and not conversation.pending_spans:
                structure_conversation(uid=uid, conversation_id=conversation.id, run=conversation.run)


def everything(uid: str) -> list[Conversation]:
    """A user's conversations with their transcripts, in order of time."""
    found = conversations.with_transcripts(conversations.list_newest(uid=uid, limit=500), uid=uid)
    return sorted(found, key=lambda each: each.began)


def texts(conversation: Conversation) -> Sequence[str]:
    """What was said, in order."""
    return [segment.text for segment in conversation.transcript_segments]
