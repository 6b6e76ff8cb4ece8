"""The silence timeout: since when has nobody spoken, and is that long enough to close the conversation?"""

from datetime import datetime

from common.conversations.recording import Recording
from common.core import clock
from common.core.settings import settings
from common.database import segment_batches
from common.models.conversation import Conversation


def spoken_lately(conversation: Conversation, *, uid: str) -> datetime | None:
    """When to look again at a conversation in which words have just come; None where that needs a closer look.

    One read, whereas everything that a conversation is made of grows with it, and is asked about every two minutes.
    """
    newest = segment_batches.find_newest(uid=uid, conversation_id=conversation.id)
    if newest is None or not newest.segments:
        return None
    silent_at = newest.heard_at + clock.duration(conversation.capture.timeout_s)
    soon = clock.now() + clock.duration(settings().block_seconds)
    return silent_at if silent_at > soon else None


def silence_is_over_at(recording: Recording) -> datetime | None:
    """None when the conversation has been silent for its timeout; else when to look again.

    It is silent when neither audio nor words have arrived for that long (a client that recognises by itself may send
    words alone), or when what arrived is understood and nobody spoke. Audio that is not understood yet is no silence.
    What the recogniser knows reaches us with the next block, hence the slack.
    """
    timeout = clock.duration(recording.conversation.capture.timeout_s)
    slack = clock.duration(3 * settings().block_seconds)
    now = clock.now()
    if now >= max(recording.last_audio_at(), recording.last_speech_at()) + timeout:
        return None
    silent_at = recording.last_speech_at() + timeout
    if now >= silent_at and recording.understood_until() >= silent_at - slack:
        return None
    return max(silent_at, now + clock.duration(settings().block_seconds))
