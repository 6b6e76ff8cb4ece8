"""What a completed conversation means for its user, besides itself: an evening to look back on, or news by itself."""

from datetime import datetime, timedelta

from common.core import clock
from common.database import account_deletions, conversations
from common.models.conversation import Conversation
from common.models.events import ConversationCompleted
from common.notifications.notify import notify
from common.users.evenings import expect_evening

IMPORTANT_S = 30 * 60.0
"""Seconds of a conversation that its user is told of (CONTRACT section 5.9)."""
_FRESH = timedelta(days=1)
"""What ended longer ago is no news: it was imported, recorded offline, or is only processed again."""


def note_completed(event: ConversationCompleted) -> str:
    """Expect the user's evening, and tell the user of a long conversation; once, however often it is processed."""
    # When it was is all that matters: sixteen days of talk at once would be too much for an instance.
    found = conversations.find_many(uid=event.uid, conversation_ids=[event.conversation_id])
    conversation = found[0] if found else None
    if conversation is None or not is_news(conversation, now=clock.now()) or account_deletions.under_way(event.uid):
        return "no news"
    expect_evening(uid=event.uid)
    if not is_important(conversation):
        return "noted"
    notify(
        uid=event.uid,
        kind="important_conversation",
        title="",  # the app asks for what it shows
        body="",
        once=(conversation.id,),
        data={"conversation_id": conversation.id, "navigate_to": f"/conversation/{conversation.id}?share=1"},
    )
    return "told"


def is_news(conversation: Conversation, *, now: datetime) -> bool:
    """Whether it was worth keeping and is of today or yesterday. Pure."""
    ended = conversation.finished_at or conversation.created_at
    return not (conversation.discarded or conversation.is_locked) and now - ended <= _FRESH


def is_important(conversation: Conversation) -> bool:
    """Whether it was long. Pure."""
    if conversation.started_at is None or conversation.finished_at is None:
        return False
    return (conversation.finished_at - conversation.started_at).total_seconds() > IMPORTANT_S
