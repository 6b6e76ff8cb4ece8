"""Waiting for the connections that still bring words to a conversation that is closed."""

from datetime import timedelta

from common.core import clock
from common.core.settings import settings
from common.database import audio_blocks, conversations, segment_batches
from common.models.conversation import Conversation

_POLL_S = 0.5
_GONE = 2
"""Times what a connection may take over its last words: whoever gave no sign of life for so long is gone."""
_LONGEST = 6


def await_last_words(*, uid: str, conversation_id: str, run: int) -> Conversation | None:
    """The conversation once no connection brings words to it any more, or when that was waited for long enough.

    Connections and buckets live in real time, so that is what is waited for. None when the conversation is gone; at
    once when another run has begun.
    """
    deadline = clock.Deadline.real(_LONGEST * settings().drain_seconds)
    look_again_at = clock.monotonic()
    gone: set[str] = set()
    while True:
        conversation = conversations.find(uid=uid, conversation_id=conversation_id)
        if conversation is None or conversation.run != run:
            return conversation
        bringing = {name for name, session in conversation.capture.sessions.items() if session.open} - gone
        if not bringing or deadline.passed:
            return conversation
        if clock.monotonic() >= look_again_at:
            gone = _gone(conversation, uid=uid)
            look_again_at = clock.monotonic() + settings().drain_seconds
        else:
            clock.pause(_POLL_S)


def _gone(conversation: Conversation, *, uid: str) -> set[str]:
    """The sessions whose last sign of life is old; their instances were killed.

    Only the words of the last seconds are read: older ones are no sign of life, and those that are still to come will
    be read with all the others, once nobody is waited for.
    """
    alive_since = clock.now() - timedelta(seconds=_GONE * settings().drain_seconds)
    beside = {"uid": uid, "conversation_id": conversation.id}
    signed = [(block.session_id, block.stored_at) for block in audio_blocks.list_blocks(**beside)]
    signed += [(each.captured_in, each.heard_at) for each in segment_batches.list_heard_since(alive_since, **beside)]
    alive = {name for name, at in signed if at is not None and at >= alive_since}
    return {
        name
        for name, session in conversation.capture.sessions.items()
        if (session.opened_at or conversation.created_at) < alive_since and name not in alive
    }
