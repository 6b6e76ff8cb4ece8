"""A span of stored audio goes through the batch transcriber; the last span done moves the conversation on."""

from array import array

from common.conversations.recorded_speakers import label_recorded
from common.conversations.spans import settle_span, speaker_of_channel, to_segments
from common.core import clock
from common.database import audio_blocks, conversations, segment_batches, users
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation
from common.models.events import TranscribeSpan
from common.models.segment import TranscriptSegment
from common.speech.activity import quietest
from common.speech.blocks import decode_block
from common.speech.codecs import FrameDecoder, frame_decoder
from common.speech.providers import batch_transcriber
from common.speech.somebody import somebody_speaks
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from common.users.vocabulary import unusual_words

PATIENCE_S = 400.0
"""Real seconds that recognition may take, whoever takes over from whom; reading and storing need some as well."""
_BORDER_S = 2.0
_RUN_UP_S = 0.2
"""What comes before is decoded as well: without it codecs garble a beginning."""
_HELD_BACK = BYTES_PER_SECOND // 20
"""Bytes: what a decoder may hold back until it hears more. More that is missing is a gap."""
_LANGUAGE = "en"
"""What is expected where neither the client nor the user has said anything."""


def transcribe_span(span: TranscribeSpan) -> str:
    """Understand a stretch of stored audio; says in a word what came of it."""
    conversation = conversations.find(uid=span.uid, conversation_id=span.conversation_id)
    if conversation is not None:
        if span.key in conversation.pending_spans:
            _understand(span, conversation)
        if settle_span(span):
            return "transcribed"
    # Deleted meanwhile, and purged before the words came; perhaps to an attempt that could not say so any more.
    conversations.delete_children(uid=span.uid, conversation_id=span.conversation_id)
    return "deleted"


def _understand(span: TranscribeSpan, conversation: Conversation) -> None:
    start, end = _borders(span)
    pcm = read_audio(span, start=start, end=end)
    transcriber = batch_transcriber()
    heard = transcriber.transcribe(
        pcm,
        language=conversation.language or _LANGUAGE,
        vocabulary=unusual_words(users.find(uid=span.uid)),
        within_s=PATIENCE_S,
    )
    segments = to_segments(
        heard.utterances,
        offset=start,
        conversation_id=span.conversation_id,
        session_id=span.session_id,
        provider=heard.provider or transcriber.name,
    )
    segments = _with_speakers(segments, pcm, start=start, span=span, conversation=conversation)
    batch = SegmentBatch(
        session_id=span.session_id,
        start=start,
        end=end,
        segments=segments,
        heard_at=clock.now(),
        unheard=not segments and somebody_speaks(pcm),
    )
    segment_batches.put(batch, uid=span.uid, conversation_id=span.conversation_id)


def read_audio(span: TranscribeSpan, *, start: float, end: float) -> bytes:
    """The PCM of a session between two seconds; what lies between blocks is silence."""
    blocks = [
        block
        for block in audio_blocks.list_blocks(uid=span.uid, conversation_id=span.conversation_id)
        if block.session_id == span.session_id and block.end > start - _RUN_UP_S and block.start < end
    ]
    origin = blocks[0].start if blocks else start
    first, last = (round((moment - origin) * SAMPLE_RATE) * 2 for moment in (start, end))
    window, position = bytearray(max(0, -first)), 0

    def follow(pcm: bytes) -> None:
        nonlocal window, position
        window += pcm[max(0, first - position) : max(0, last - position)]
        position += len(pcm)

    decoder: FrameDecoder | None = None
    coding: tuple[str, int] | None = None
    for block in blocks:
        begin = round((block.start - origin) * SAMPLE_RATE) * 2
        if decoder is None or coding != (block.codec, block.sample_rate) or begin - position > _HELD_BACK:
            follow(decoder.flush() if decoder is not None else b"")
            follow(bytes(max(0, begin - position)))
            coding = (block.codec, block.sample_rate)
            decoder = frame_decoder(block.codec, block.sample_rate)
        follow(decoder.decode_many(decode_block(audio_blocks.read(block))))
    follow(decoder.flush() if decoder is not None else b"")
    return bytes(window)


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
