"""Repair: stored audio that nobody has understood is planned in spans, each a task (`transcribe_span`)."""

from collections import Counter
from typing import Any

from common.conversations import coverage, lifecycle
from common.conversations.coverage import Timeline
from common.core import clock
from common.core.ids import derived_id
from common.database import conversations, segment_batches, tasks
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation, Interval
from common.models.events import TranscribeSpan
from common.models.segment import TranscriptSegment
from common.speech.transcriber import Utterance

STEP = "transcribe_span"
LONGEST_SPAN_S = 300.0


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


def settle_span(span: TranscribeSpan) -> bool:
    """Count a span as done; the last one moves the conversation on. False where that is gone."""
    conversation = conversations.change(
        uid=span.uid,
        conversation_id=span.conversation_id,
        decide=lambda current: lifecycle.settle_span(current, span=span.key),
    )
    return conversation is not None


def to_segments(
    utterances: tuple[Utterance, ...], *, offset: float, conversation_id: str, session_id: str, provider: str
) -> list[TranscriptSegment]:
    """Utterances as segments of a conversation; `offset` is where their stream began in it, in seconds.

    An id follows from where an utterance begins; of two that begin together the second one's says so.
    """
    segments: list[TranscriptSegment] = []
    begun: Counter[int] = Counter()
    for utterance in utterances:
        start_ms = round((offset + utterance.start) * 1000)
        place = (start_ms, begun[start_ms]) if begun[start_ms] else (start_ms,)
        begun[start_ms] += 1
        segments.append(
            TranscriptSegment(
                id=derived_id("segment", conversation_id, session_id, *place),
                text=utterance.text,
                speaker=f"SPEAKER_{utterance.speaker:02d}",
                speaker_id=utterance.speaker,
                start=round(offset + utterance.start, 3),
                end=round(offset + utterance.end, 3),
                stt_provider=provider,
                language=utterance.language,
            )
        )
    return segments


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
