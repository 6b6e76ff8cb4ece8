"""The seam of two recordings: a device lost its connection in the middle of a word, and hands in the rest later.

Neither the live recogniser nor the repair of the rest hears the word then, only its halves. So a span that goes on
where another session's audio breaks off is heard from the last pause before that, and what was said from there on
before gives way to what is heard now.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial

from common.conversations import recording
from common.conversations.live.pausing import ends_in_pause
from common.conversations.span_audio import decoded
from common.conversations.words_said import Word, words_of
from common.core.logs import get_logger
from common.database import audio_blocks, conversations, segment_batches
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Conversation
from common.models.events import TranscribeSpan
from common.models.segment import TranscriptSegment
from common.speech.activity import quietest

_BEFORE_S = 2.0
"""Seconds before the seam in which a pause is looked for."""
_TOUCHING_S = 0.05
_OFF_S = 1.0
"""Seconds by which the time of a word may be wrong that is estimated by letters."""
_ALIKE = 0.8
_SHORTEST_HALF = 2
_COMPARED = 4
"""Words from which on it does not matter whether more are the same."""


@dataclass(frozen=True)
class Seam:
    """Where another session breaks off, and the pause before; both in seconds of the conversation."""

    pause: float
    at: float
    before: str
    """The other session."""
    blocks: tuple[AudioBlock, ...]
    """Of both sessions, in the times of the conversation."""

    def read(self, until: float) -> bytes:
        """What is to be heard, from the pause on."""
        return decoded(self.blocks, start=self.pause, end=until)


def find_seam(span: TranscribeSpan, conversation: Conversation) -> Seam | None:
    """The seam that a span begins at; None where it does not, or nobody speaks there."""
    if span.goes_on_before:
        return None
    found = audio_blocks.list_blocks(uid=span.uid, conversation_id=span.conversation_id)
    blocks = recording.placed(found, conversation)
    moved = conversation.capture.moved.get(span.session_id, 0.0)
    at = span.start_ms / 1000 + moved
    own = [block for block in blocks if block.session_id == span.session_id]
    if any(block.start < at - _TOUCHING_S and block.end > at - _BEFORE_S for block in own):
        return None
    broken_off = [
        name
        for name in {block.session_id for block in blocks} - {span.session_id}
        if abs(max(block.end for block in blocks if block.session_id == name) - at) <= _TOUCHING_S
        and _is_one_track(name, conversation)
    ]
    if len(broken_off) != 1:
        return None
    before = [block for block in blocks if block.session_id == broken_off[0]]
    since = max(before[0].start, at - _BEFORE_S)
    tail = decoded(before, start=since, end=at)
    if not tail or ends_in_pause(tail):
        return None
    pause = since + quietest(array("h", tail))
    if pause < moved:  # before its session can count
        return None
    near = (block for block in (*before, *own) if block.end > pause - _BEFORE_S)
    ordered = sorted(near, key=lambda block: block.start)
    return Seam(pause=pause, at=at, before=broken_off[0], blocks=tuple(ordered))


def give_way(seam: Seam, heard: Sequence[TranscriptSegment], *, span: TranscribeSpan) -> None:
    """Take out what was said from the pause on where it is heard anew; done again it changes nothing.

    Args:
        seam: the seam.
        heard: what is heard from the pause on, in seconds of the conversation; stored already.
        span: of which conversation.
    """
    anew = words_of([segment for segment in heard if segment.start < seam.at])
    if not anew:
        return
    conversation = conversations.get(uid=span.uid, conversation_id=span.conversation_id)
    moved = conversation.capture.moved.get(seam.before, 0.0)
    beside = {"uid": span.uid, "conversation_id": span.conversation_id}
    after = segment_batches.list_after(seam.pause - moved - _OFF_S, **beside)
    for batch in after:
        if batch.session_id != seam.before:
            continue
        cut = shortened(batch.segments, anew, pause=seam.pause - moved)
        if cut:
            segment_batches.change_segments(batch.id, **beside, change=partial(_in_place_of, cut))
    own = {segment.id for segment in heard}
    conversations.change(**beside, decide=lambda current: _with_room(current, anew, seam=seam, own=own))
    get_logger().info("heard_over_a_seam", conversation_id=span.conversation_id)


def shortened(
    segments: Sequence[TranscriptSegment], anew: Sequence[Word], *, pause: float
) -> dict[str, TranscriptSegment]:
    """By their ids those that have to give way, without the words from the pause on; without any where all are.

    When a word was said is estimated by its letters. So the words themselves tell where the new ones begin, as far as
    they are the same, and only else the estimate.
    """
    concerned = [each for each in segments if each.end > pause + _TOUCHING_S and each.text]
    words = words_of(concerned)
    cut = _first_repeated(words, anew, pause=pause)
    changed: dict[str, TranscriptSegment] = {}
    for segment in concerned:
        kept = [word for word in words[:cut] if word.segment_id == segment.id]
        text = segment.text[: kept[-1].to].rstrip() if kept else ""
        end = min(pause, kept[-1].end) if kept else pause
        update = {"text": text, "end": round(max(segment.start, end), 3), "translations": []}
        changed[segment.id] = segment.model_copy(update=update)
    return changed


def _first_repeated(words: Sequence[Word], anew: Sequence[Word], *, pause: float) -> int:
    """The place of the first word that is heard anew."""
    places = [place for place, word in enumerate(words) if abs(word.middle - pause) <= _OFF_S or word.middle > pause]
    estimated = next((place for place, word in enumerate(words) if word.middle > pause), len(words))
    scores = {place: _same_from(words[place:], anew) for place in places}
    best = max(scores.values(), default=0)
    if not best:
        return estimated
    return min((place for place, score in scores.items() if score == best), key=lambda place: abs(place - estimated))


def _same_from(words: Sequence[Word], anew: Sequence[Word]) -> int:
    """How many words are the same in a row; the last one may have been heard by half only."""
    same = 0
    for place, (old, new) in enumerate(zip(words[:_COMPARED], anew, strict=False)):
        one, other = old.letters, new.letters
        half = place == len(words) - 1 and len(one) >= _SHORTEST_HALF and other.startswith(one)
        if not half and (not one or SequenceMatcher(None, one, other).ratio() < _ALIKE):
            break
        same += 1
    return same


def _with_room(conversation: Conversation, anew: Sequence[Word], *, seam: Seam, own: set[str]) -> Conversation | None:
    """The conversation with a transcript that gives way; None where that stays as it is, as what a user wrote does."""
    near = [
        each
        for each in conversation.transcript_segments
        if each.id not in own and each.start < seam.at and each.end <= seam.at + _OFF_S
    ]
    last = max(near, key=lambda each: each.end, default=None)
    if last is None or last.id in conversation.user_segments:
        return None
    cut = shortened([last], anew, pause=seam.pause)
    if not cut:
        return None
    segments = [cut.get(each.id, each) for each in conversation.transcript_segments]
    return conversation.model_copy(update={"transcript_segments": [each for each in segments if each.text]})


def _in_place_of(changed: Mapping[str, TranscriptSegment], segment: TranscriptSegment) -> TranscriptSegment:
    return changed.get(segment.id, segment)


def _is_one_track(session_id: str, conversation: Conversation) -> bool:
    session = conversation.capture.sessions.get(session_id)
    return session is None or session.channel is None
