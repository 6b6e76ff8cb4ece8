"""A conversation turns out to have begun earlier: its times are told from there, and nothing stored is touched.

What is stored by session (blocks of audio, batches of words, spans that wait) keeps counting from where the
conversation began when the session did; `capture.moved` says per session how many seconds lie between. What stands
in the document itself is moved with it.
"""

from collections.abc import Iterable
from datetime import datetime

from common.conversations import coverage, lifecycle
from common.models.conversation import Conversation, ConversationStatus


def begin_earlier(conversation: Conversation, moment: datetime, *, sessions: Iterable[str]) -> Conversation:
    """The conversation beginning at `moment`, if that is before it did; a run under way begins anew.

    Args:
        conversation: as it is.
        moment: when audio of it was recorded.
        sessions: those that have stored something.
    """
    began = conversation.began
    by_s = round((began - moment).total_seconds(), 3)
    if by_s <= 0:
        return conversation
    moved = conversation.capture.moved
    known = {*sessions, *moved, *conversation.capture.sessions, *conversation.covered}
    capture = conversation.capture.model_copy(
        update={"moved": {name: round(moved.get(name, 0.0) + by_s, 3) for name in sorted(known)}}
    )
    segments = [
        segment.model_copy(update={"start": round(segment.start + by_s, 3), "end": round(segment.end + by_s, 3)})
        for segment in conversation.transcript_segments
    ]
    earlier = conversation.model_copy(
        update={
            "started_at": moment,
            "capture": capture,
            "transcript_segments": segments,
            "covered": {name: coverage.later(intervals, by_s) for name, intervals in conversation.covered.items()},
            "unheard": {name: coverage.later(intervals, by_s) for name, intervals in conversation.unheard.items()},
        }
    )
    if conversation.status is ConversationStatus.PROCESSING:
        return lifecycle.begin_processing(earlier)
    return earlier
