"""The stop button: close the conversation that is being captured and answer with what it became."""

from datetime import timedelta
from functools import partial

from common.conversations import lifecycle
from common.conversations.so_far import with_words_so_far
from common.core import clock
from common.core.errors import NotFoundError
from common.core.settings import settings
from common.database import cache, conversations
from common.models.calendar_meeting import CalendarMeeting
from common.models.conversation import Conversation, ConversationStatus

SAME_REQUEST = timedelta(seconds=10)
"""A second press within this (real) time means the same conversation, not a missing one."""
_POLL_S = 0.3


def finish_conversation(*, uid: str, meeting: CalendarMeeting | None = None) -> Conversation:
    """Close the user's live conversation and wait, bounded, for its terminal state.

    Pressed twice at once, both get the same conversation: who loses the transition finds the winner's.

    Args:
        uid: the owner.
        meeting: what the client's calendar says it was.

    Returns:
        The conversation: terminal, or still `processing` when that takes longer than the setting allows.

    Raises:
        NotFoundError: nothing is being captured, or there were no words in it.
    """
    live = conversations.find_newest_live(uid=uid, status=ConversationStatus.IN_PROGRESS)
    if live is not None:
        conversations.change(uid=uid, conversation_id=live.id, decide=partial(_finish, meeting=meeting))
        cache.forget_live(uid=uid)
    else:
        live = _just_finished(uid=uid)
    if live is None:
        raise NotFoundError("No conversation in progress")
    return await_terminal(uid=uid, conversation_id=live.id)


def await_terminal(*, uid: str, conversation_id: str) -> Conversation:
    """The conversation once it is terminal, or with what is understood when the answer cannot wait any longer.

    Raises:
        NotFoundError: it was deleted, or turned out to be empty.
    """
    deadline = clock.Deadline.real(settings().answer_wait_s)
    while True:
        conversation = conversations.get(uid=uid, conversation_id=conversation_id)
        if conversation.status.terminal or deadline.passed:
            return with_words_so_far(conversation, uid=uid)
        clock.pause(_POLL_S)


def closed_on_request(conversation: Conversation) -> Conversation | None:
    """The conversation, closed because its owner wants that; None where it is closed already."""
    if conversation.status is not ConversationStatus.IN_PROGRESS:
        return None
    closed = lifecycle.begin_processing(conversation)
    capture = closed.capture.model_copy(update={"finish_requested_at": clock.now()})
    return closed.model_copy(update={"capture": capture})


def _finish(conversation: Conversation, meeting: CalendarMeeting | None) -> Conversation | None:
    closed = closed_on_request(conversation)
    if closed is None or meeting is None:
        return closed
    context = meeting.model_dump(mode="json")
    noted = {**(closed.external_data or {}), "calendar_meeting_context": context}
    return closed.model_copy(update={"external_data": noted})


def _just_finished(*, uid: str) -> Conversation | None:
    """The live conversation that another request of the same moment has closed."""
    earliest = clock.now() - SAME_REQUEST
    for status in (ConversationStatus.PROCESSING, ConversationStatus.COMPLETED):
        newest = conversations.find_newest_live(uid=uid, status=status)
        if newest is None:
            continue
        closed_at = newest.capture.finish_requested_at or newest.updated_at
        if closed_at is not None and closed_at >= earliest:
            return newest
    return None
