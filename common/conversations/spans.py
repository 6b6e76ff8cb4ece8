"""Repair: stored audio that nobody has understood goes through the batch transcriber, in spans."""

from array import array
from collections.abc import Iterator
from typing import Any

from common.conversations import coverage, lifecycle
from common.conversations.coverage import Timeline
from common.conversations.recorded_speakers import label_recorded
from common.core import clock
from common.core.ids import derived_id
from common.database import audio_blocks, conversations, segment_batches, tasks
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation, Interval
from common.models.events import TranscribeSpan
from common.models.segment import TranscriptSegment
from common.speech.activity import quietest
from common.speech.blocks import decode_block
from common.speech.codecs import frame_decoder
from common.speech.providers import batch_transcriber
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE, Utterance

STEP = "transcribe_span"
LONGEST_SPAN_S = 300.0
_BORDER_S = 2.0


def plan_spans(conversation: Conversation, holes: Timeline, *, uid: str) -> None:
    """Have the holes of a conversation's transcript filled; the last span done begins a new run.

    Called again for the same run it changes nothing: what is pending stays, and a task exists once per span and run.
    """
    run = conversation.run
    spans = [
        span.key
        for session_id, missing in holes.items()
        for hole in coverage.later(missing, -conversation.capture.moved.get(session_id, 0.0))
        for span in _spans(hole, session_id, conversation_id=conversation.id, uid=uid, run=run)
    ]
    waiting = conversations.change(
        uid=uid,
        conversation_id=conversation.id,
        decide=lambda current: lifecycle.await_spans(current, run=run, spans=spans),
    )
    if waiting is None or waiting.run != run:
        return
    for key in waiting.pending_spans:
        tasks.enqueue_span(TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation.id, run=run))


def transcribe_span(span: TranscribeSpan) -> str:
    """Understand a stretch of stored audio; says in a word what came of it."""
    conversation = conversations.find(uid=span.uid, conversation_id=span.conversation_id)
    if conversation is None:
        return "deleted"
    if span.key in conversation.pending_spans:
        start, end = _borders(span)
        pcm = read_audio(span, start=start, end=end)
        transcriber = batch_transcriber()
        heard = transcriber.transcribe(pcm, language=conversation.language or "en")
        segments = to_segments(
            heard.utterances,
            offset=start,
            conversation_id=span.conversation_id,
            session_id=span.session_id,
            provider=heard.provider or transcriber.name,
        )
        segments = _with_speakers(segments, pcm, start=start, span=span, conversation=conversation)
        batch = SegmentBatch(session_id=span.session_id, start=start, end=end, segments=segments, heard_at=clock.now())
        segment_batches.put(batch, uid=span.uid, conversation_id=span.conversation_id)
    settle_span(span)
    return "transcribed"


def give_up_span(span: TranscribeSpan, reason: str) -> None:
    """Go on without these seconds; they stay stored, and are tried again later."""
    batch = SegmentBatch(
        session_id=span.session_id,
        start=span.start_ms / 1000,
        end=span.end_ms / 1000,
        segments=[],
        heard_at=clock.now(),
        given_up=reason,
    )
    if conversations.find(uid=span.uid, conversation_id=span.conversation_id) is None:
        return
    segment_batches.put(batch, uid=span.uid, conversation_id=span.conversation_id)
    settle_span(span)


def settle_span(span: TranscribeSpan) -> None:
    """Count a span as done; the last one moves the conversation on."""
    conversations.change(
        uid=span.uid,
        conversation_id=span.conversation_id,
        decide=lambda conversation: lifecycle.settle_span(conversation, span=span.key),
    )


def read_audio(span: TranscribeSpan, *, start: float, end: float) -> bytes:
    """The PCM of a session between two seconds; what lies between blocks is silence."""
    blocks = [
        block
        for block in audio_blocks.list_blocks(uid=span.uid, conversation_id=span.conversation_id)
        if block.session_id == span.session_id and block.end > start and block.start < end
    ]
    pcm = bytearray()
    origin = blocks[0].start if blocks else start
    for block, decoded in _decoded(blocks):
        expected = round((block.start - origin) * SAMPLE_RATE) * 2
        pcm += bytes(max(0, expected - len(pcm)))
        pcm += decoded
    first = max(0, round((start - origin) * SAMPLE_RATE) * 2)
    last = round((end - origin) * SAMPLE_RATE) * 2
    return bytes(max(0, round((origin - start) * BYTES_PER_SECOND) // 2 * 2)) + bytes(pcm[first:last])


def to_segments(
    utterances: tuple[Utterance, ...], *, offset: float, conversation_id: str, session_id: str, provider: str
) -> list[TranscriptSegment]:
    """Utterances as segments of a conversation; `offset` is where their stream began in it, in seconds."""
    return [
        TranscriptSegment(
            id=derived_id("segment", conversation_id, session_id, round((offset + utterance.start) * 1000)),
            text=utterance.text,
            speaker=f"SPEAKER_{utterance.speaker:02d}",
            speaker_id=utterance.speaker,
            start=round(offset + utterance.start, 3),
            end=round(offset + utterance.end, 3),
            stt_provider=provider,
            language=utterance.language,
        )
        for utterance in utterances
    ]


def _with_speakers(
    segments: list[TranscriptSegment], pcm: bytes, *, start: float, span: TranscribeSpan, conversation: Conversation
) -> list[TranscriptSegment]:
    session = conversation.capture.sessions.get(span.session_id)
    if session is not None and session.channel is not None:
        return [segment.model_copy(update=speaker_of_channel(session.channel)) for segment in segments]
    return label_recorded(
        segments,
        pcm,
        start=start,
        uid=span.uid,
        conversation_id=span.conversation_id,
        language=conversation.language,
        auto_assign=conversation.capture.auto_assign,
    )


def speaker_of_channel(number: int) -> dict[str, Any]:
    """Who speaks on a channel, where each has a microphone: the first is the owner's."""
    return {"speaker": f"SPEAKER_{number:02d}", "speaker_id": number, "is_user": number == 0}


def _spans(hole: Interval, session_id: str, *, conversation_id: str, uid: str, run: int) -> list[TranscribeSpan]:
    pieces = coverage.split([hole], longest_s=LONGEST_SPAN_S)
    return [
        TranscribeSpan(
            uid=uid,
            conversation_id=conversation_id,
            run=run,
            session_id=session_id,
            start_ms=round(piece.start * 1000),
            end_ms=round(piece.end * 1000),
            goes_on_before=piece is not pieces[0],
            goes_on_after=piece is not pieces[-1],
        )
        for piece in pieces
    ]


def _borders(span: TranscribeSpan) -> tuple[float, float]:
    """Where a span really begins and ends: two that meet do so where it is quiet, not in the middle of a word."""
    start, end = span.start_ms / 1000, span.end_ms / 1000
    return (
        _quiet_near(start, span) if span.goes_on_before else start,
        _quiet_near(end, span) if span.goes_on_after else end,
    )


def _quiet_near(moment: float, span: TranscribeSpan) -> float:
    """The quietest moment near a border; both spans find the same, for they read the same seconds."""
    since = max(0.0, moment - _BORDER_S)
    samples = array("h", read_audio(span, start=since, end=moment + _BORDER_S))
    return since + quietest(samples) if samples else moment


def _decoded(blocks: list[AudioBlock]) -> Iterator[tuple[AudioBlock, bytes]]:
    """Decode block after block with one decoder per coding, as the frames were made."""
    decoder = None
    coding: tuple[str, int] | None = None
    for block in blocks:
        if decoder is None or coding != (block.codec, block.sample_rate):
            coding = (block.codec, block.sample_rate)
            decoder = frame_decoder(block.codec, block.sample_rate)
        yield block, decoder.decode_many(decode_block(audio_blocks.read(block)))
