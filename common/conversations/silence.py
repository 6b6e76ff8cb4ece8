"""The silence timeout: since when has nobody spoken, and is that long enough to close the conversation?"""

from datetime import datetime

from common.conversations.recording import Recording
from common.core import clock
from common.core.settings import settings


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
