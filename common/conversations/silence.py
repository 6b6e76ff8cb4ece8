"""The silence timeout: since when has nobody spoken, and is that long enough to close the conversation?"""

from datetime import datetime

from common.conversations import recording
from common.conversations.recording import Recording
from common.core import clock
from common.core.settings import settings
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation


def look_again_at(conversation: Conversation, *, uid: str) -> datetime | None:
    """None when a conversation has been silent for its timeout; else when to look again.

    Asked every two minutes, of a conversation that grows: of its words only the newest are read. They tell when
    somebody spoke last, and the stored audio tells how far it is understood.
    """
    newest = segment_batches.find_newest(uid=uid, conversation_id=conversation.id)
    if newest is None or not newest.segments:
        # There are no words, or some before audio that was given up or found to be silent: rare, and looked at whole.
        return silence_is_over_at(recording.load(conversation, uid=uid))
    look_again = _spoken_lately(conversation, newest) or silence_is_over_at(
        recording.load_newest(conversation, newest, uid=uid)
    )
    if look_again is not None:
        return look_again
    # The clock of whoever listens may have been put back meanwhile: then the newest words are not the last ones.
    last = segment_batches.find_furthest(uid=uid, conversation_id=conversation.id)
    if last is None or not last.segments or last.id == newest.id:
        return None
    return silence_is_over_at(recording.load_newest(conversation, last, uid=uid).by_the_stores_clock())


def _spoken_lately(conversation: Conversation, newest: SegmentBatch) -> datetime | None:
    """When to look again at one in which words have just come; None where that needs a closer look."""
    if recording.is_ahead(newest.heard_at):
        return None
    silent_at = newest.heard_at + clock.duration(conversation.capture.timeout_s)
    soon = clock.now() + clock.duration(settings().block_seconds)
    return silent_at if silent_at > soon else None


def silence_is_over_at(known: Recording) -> datetime | None:
    """None when the conversation has been silent for its timeout; else when to look again.

    It is silent when neither audio nor words have arrived for that long (a client that recognises by itself may send
    words alone), or when what arrived is understood and nobody spoke. Audio that is not understood yet is no silence.
    What the recogniser knows reaches us with the next block, hence the slack.
    """
    timeout = clock.duration(known.conversation.capture.timeout_s)
    slack = clock.duration(3 * settings().block_seconds)
    now = clock.now()
    if now >= max(known.last_audio_at(), known.last_speech_at()) + timeout:
        return None
    silent_at = known.last_speech_at() + timeout
    if now >= silent_at and known.understood_until() >= silent_at - slack:
        return None
    return max(silent_at, now + clock.duration(settings().block_seconds))
