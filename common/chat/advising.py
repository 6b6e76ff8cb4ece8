"""The mentor says something about a conversation that has just ended, as often as the user wants (CONTRACT 5.9)."""

from contextlib import suppress
from datetime import datetime, timedelta

from common.conversations.context import load_context
from common.conversations.dialogue import as_dialogue
from common.core import clock
from common.core.errors import ConflictError
from common.core.ids import derived_id
from common.database import account_deletions, conversations, messages, shared_notes, users
from common.llm.advising import Occasion, mentor
from common.memories.edit import list_memories
from common.models.chat import Message, MessageSender
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import ConversationCompleted
from common.notifications.notify import notify

STEP = "advise_user"
GAP_S = 300
"""At least so many (real) seconds lie between two pieces of advice."""
_DAY_S = 24 * 3600
_FACTS = 40
_TIMELY = timedelta(minutes=30)
"""What ended longer ago is nothing to interrupt anybody for."""
OFTEN = {1: (9, 1), 2: (8, 2), 3: (7, 4), 4: (6, 6), 5: (5, 10)}
"""By the user's setting: how important advice has to be, of ten, and how much of it there is within a day."""


def advise(event: ConversationCompleted) -> str:
    """Give advice if the user wants any and there is some; says in a word what came of it.

    Raises:
        ProviderError: the language model failed.
    """
    uid = event.uid
    user = users.find(uid=uid)
    adviser = mentor()
    if user.mentor_notification_frequency not in OFTEN or adviser is None:
        return "not wanted"
    at_least, most = OFTEN[user.mentor_notification_frequency]
    conversation = conversations.find(uid=uid, conversation_id=event.conversation_id)
    if conversation is None or not is_timely(conversation, now=clock.now()) or account_deletions.under_way(uid):
        return "not timely"
    occasion_id = f"{event.conversation_id}:{event.run}"
    if shared_notes.read(_gap(uid)) not in {"", occasion_id} or int(shared_notes.read(_today(uid)) or 0) >= most:
        return "too often"
    segments = conversation.transcript_segments
    occasion = Occasion(
        dialogue=as_dialogue(conversation, segments, context=load_context(conversation, segments, uid=uid)),
        overview=f"{conversation.structured.title}. {conversation.structured.overview}",
        facts=tuple(memory.content for memory in list_memories(uid=uid, limit=_FACTS) if not memory.is_locked),
    )
    advice = adviser.advise(occasion, at_least=at_least)
    # Taken by the occasion: where saying it fails, whoever tries again finds its own turn and not another's.
    if not advice or not shared_notes.take(_gap(uid), seconds=GAP_S, by=occasion_id):
        return "nothing to say"
    _say(advice, conversation, uid=uid)
    shared_notes.count_up(_today(uid), seconds=_DAY_S)
    return "advised"


def is_timely(conversation: Conversation, *, now: datetime) -> bool:
    """Whether it was kept, and has just ended. Pure."""
    kept = not (conversation.discarded or conversation.is_locked or conversation.deleted)
    ended = conversation.finished_at or conversation.created_at
    return conversation.status is ConversationStatus.COMPLETED and kept and now - ended <= _TIMELY


def _say(advice: str, conversation: Conversation, *, uid: str) -> None:
    message = Message(
        id=derived_id("advice", uid, conversation.id),
        text=advice,
        created_at=clock.now(),
        sender=MessageSender.AI,
        memories_id=[conversation.id],
    )
    with suppress(ConflictError):
        messages.add(message, uid=uid)
    title = conversation.user_title or conversation.structured.title
    notify(uid=uid, kind="mentor", title=title, body=advice, once=(conversation.id,))


def _gap(uid: str) -> str:
    return f"advice_gap:{uid}"


def _today(uid: str) -> str:
    return f"advice_day:{uid}"
