"""Conversations that are stuck, for administrators: which they are, and one of them put back on its way by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from common.conversations.sweep import (
    close_if_silent,
    list_unchanged,
    put_back_if_stuck,
    restart_if_stalled,
    retry_now,
)
from common.conversations.upload import is_rejected
from common.core import clock
from common.database import conversations, stuck_conversations
from common.models.conversation import Conversation, ConversationStatus


@dataclass(frozen=True)
class Stuck:
    """One of them: `since` is when anything happened to it last, `reason` what it says of itself."""

    uid: str
    conversation_id: str
    status: ConversationStatus
    run: int
    since: datetime
    reason: str
    retry_at: datetime | None


def list_stuck(*, limit: int) -> list[Stuck]:
    """Those that have not changed for longer than they should, and those that failed; `limit` of each kind."""
    found = [each for status in _MOVES for each in list_unchanged(status, limit=limit)]
    found += stuck_conversations.list_unchanged_since(clock.now(), status=ConversationStatus.FAILED, limit=limit)
    return [_stuck(uid, conversation) for uid, conversation in found if not is_rejected(conversation)]


def finish_stuck(*, uid: str, conversation_id: str) -> bool:
    """Put one back on its way; False where there is nothing to do, or somebody is at it.

    Raises:
        NotFoundError: no such conversation.
    """
    conversation = conversations.get(uid=uid, conversation_id=conversation_id)
    if is_rejected(conversation):
        return False
    if conversation.failure is not None and conversation.status.terminal:
        return retry_now(uid, conversation)
    move = _MOVES.get(conversation.status)
    return move is not None and move(uid, conversation)


_MOVES: dict[ConversationStatus, Callable[[str, Conversation], bool]] = {
    ConversationStatus.IN_PROGRESS: close_if_silent,
    ConversationStatus.PROCESSING: restart_if_stalled,
    ConversationStatus.MERGING: put_back_if_stuck,
}


def _stuck(uid: str, conversation: Conversation) -> Stuck:
    failure = conversation.failure
    return Stuck(
        uid=uid,
        conversation_id=conversation.id,
        status=conversation.status,
        run=conversation.run,
        since=conversation.updated_at or conversation.created_at,
        reason=f"{failure.step}: {failure.reason}" if failure else "",
        retry_at=failure.retry_at if failure else None,
    )
