"""What a webhook carries: a task has only names, and here is what stands behind them by now (CONTRACT section 8)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from common.apps.finished_payloads import conversation_news, day_news
from common.core.errors import UnsupportedAudioError
from common.core.logs import get_logger
from common.database import audio_blocks, conversations, segment_batches
from common.database.audio_blocks import AudioBlock
from common.models.events import DeliverWebhook
from common.models.segment import TranscriptSegment
from common.models.webhook import WebhookKind
from common.speech.blocks import decode_block
from common.speech.codecs import frame_decoder
from common.speech.transcriber import SAMPLE_RATE


@dataclass(frozen=True)
class Payload:
    """A request's body, and what its address says besides for whom it is."""

    body: bytes
    content_type: str
    query: dict[str, str] = field(default_factory=dict)
    position_ms: int | None = None
    """Of what is told live, where it begins in its conversation: deliveries may overtake each other."""


def load_payload(task: DeliverWebhook) -> Payload | None:
    """What to tell, or None where nothing is left of it.

    Raises:
        google.api_core.exceptions.GoogleAPIError: a store did not answer.
    """
    return _LOADERS[task.kind](task)


def _transcript(task: DeliverWebhook) -> Payload | None:
    stretches = [_Stretch.read(part) for part in task.parts]
    found = segment_batches.list_named(
        [stretch.batch_id for stretch in stretches], uid=task.uid, conversation_id=task.conversation_id
    )
    there = {batch.id for batch in found}
    compacted = [stretch for stretch in stretches if stretch.batch_id not in there]
    pieces = [*(segment for batch in found for segment in batch.segments), *_in_transcript(task, compacted)]
    segments = list({segment.id: segment for segment in pieces if segment.text.strip()}.values())
    if not segments:
        return None
    segments.sort(key=lambda segment: (segment.start, segment.end))
    told = {"session_id": task.uid, "segments": [segment.to_json() for segment in segments]}
    return _json(told, position_ms=min(stretch.start_ms for stretch in stretches))


def _in_transcript(task: DeliverWebhook, stretches: list["_Stretch"]) -> list[TranscriptSegment]:
    """What the conversation says of these stretches, whose batches have become part of its transcript."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id) if stretches else None
    whole = conversation.transcript_segments if conversation is not None else []
    return [segment for segment in whole if any(stretch.touches(segment) for stretch in stretches)]


def _audio(task: DeliverWebhook) -> Payload | None:
    found = [audio_blocks.find(name, uid=task.uid, conversation_id=task.conversation_id) for name in task.parts]
    blocks = sorted((block for block in found if block is not None), key=lambda block: block.start)
    if not blocks:
        return None
    try:
        pcm = _decoded(blocks)
    except UnsupportedAudioError:
        get_logger().warning("webhook_audio_undecodable", codec=blocks[0].codec)
        return None
    return Payload(
        body=pcm,
        content_type="application/octet-stream",
        query={"sample_rate": str(SAMPLE_RATE), **_channel(task, blocks[0].session_id)},
        position_ms=round(blocks[0].start * 1000),
    )


def _channel(task: DeliverWebhook, session_id: str) -> dict[str, str]:
    """Whose microphone it is where each speaker has one, by the number that segments name as `speaker_id`."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    session = None if conversation is None else conversation.capture.sessions.get(session_id)
    return {} if session is None or session.channel is None else {"channel": str(session.channel)}


def _conversation(task: DeliverWebhook) -> Payload | None:
    told = conversation_news(task)
    return None if told is None else _json(told)


def _day_summary(task: DeliverWebhook) -> Payload | None:
    told = day_news(task)
    return None if told is None else _json(told)


_LOADERS: dict[WebhookKind, Callable[[DeliverWebhook], Payload | None]] = {
    WebhookKind.TRANSCRIPT: _transcript,
    WebhookKind.AUDIO: _audio,
    WebhookKind.CONVERSATION: _conversation,
    WebhookKind.DAY_SUMMARY: _day_summary,
}


def _json(told: dict[str, Any], *, position_ms: int | None = None) -> Payload:
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return Payload(body=body, content_type="application/json", position_ms=position_ms)


def _decoded(blocks: list[AudioBlock]) -> bytes:
    """PCM of one session's blocks, in order; what a client sent that is no audio is left out."""
    pcm = bytearray()
    decoder = frame_decoder(blocks[0].codec, blocks[0].sample_rate)
    for block in blocks:
        pcm += decoder.decode_many(decode_block(audio_blocks.read(block)))
    pcm += decoder.flush()
    return bytes(pcm)


@dataclass(frozen=True)
class _Stretch:
    """A stretch of a session's audio, as `SegmentBatch.stretch` names it."""

    session_id: str
    start_ms: int
    end_ms: int

    @classmethod
    def read(cls, name: str) -> "_Stretch":
        session_id, _, bounds = name.rpartition(":")
        start, _, end = bounds.partition("-")
        return cls(session_id, int(start), int(end))

    @property
    def batch_id(self) -> str:
        return f"{self.session_id}-{self.start_ms:010d}"

    def touches(self, segment: TranscriptSegment) -> bool:
        return segment.start * 1000 < self.end_ms and segment.end * 1000 > self.start_ms
