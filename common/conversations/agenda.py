"""What a user does to the action items and events that were found in a conversation.

Action items exist once more on the user's list. That is changed first: when a request fails between the two, sending
it again still finds what it names in the conversation.
"""

from common.action_items.in_step import follow_conversation
from common.conversations.edit import change_unlocked, get_unlocked, restructured
from common.conversations.user_edits import note_action_item
from common.core import clock
from common.core.errors import NotFoundError
from common.models.action_item import ActionItemChanges
from common.models.conversation import Conversation
from common.models.structured import ActionItem


def mark_events(*, uid: str, conversation_id: str, marks: dict[int, bool]) -> Conversation:
    """Note which events, by their place, are in the user's calendar.

    Raises:
        NotFoundError: no such conversation or event.
        LockedError: it was made without credit.
    """

    def mark(conversation: Conversation) -> Conversation:
        events = list(conversation.structured.events)
        for place, created in marks.items():
            if place >= len(events):
                raise NotFoundError("Event not found")
            events[place] = events[place].model_copy(update={"created": created})
        return restructured(conversation, {"events": events})

    return change_unlocked(uid, conversation_id, mark)


def mark_action_items(*, uid: str, conversation_id: str, marks: dict[int, bool]) -> Conversation:
    """Note which action items, by their place, are done.

    Raises:
        NotFoundError: no such conversation or action item.
        LockedError: it was made without credit.
    """
    now = clock.now()

    def mark(conversation: Conversation) -> Conversation:
        items = list(conversation.structured.action_items)
        for place, completed in marks.items():
            if place >= len(items):
                raise _no_action_item()
            if items[place].completed != completed:
                done = {"completed": completed, "completed_at": now if completed else None, "updated_at": now}
                items[place] = items[place].model_copy(update=done)
        return restructured(conversation, {"action_items": items})

    known = get_unlocked(uid=uid, conversation_id=conversation_id).structured.action_items
    if any(place >= len(known) for place in marks):
        raise _no_action_item()
    changes = {known[place].description: ActionItemChanges(completed=completed) for place, completed in marks.items()}
    follow_conversation(changes, uid=uid, conversation_id=conversation_id)
    return change_unlocked(uid, conversation_id, mark)


def reword_action_item(
    *, uid: str, conversation_id: str, place: int, old_description: str, description: str
) -> Conversation:
    """Describe an action item in the user's words.

    Args:
        uid: the owner.
        conversation_id: the conversation.
        place: where the client believes it to be.
        old_description: how it is described now, which decides when the places have changed.
        description: how it shall be described.

    Raises:
        NotFoundError: no such conversation or action item.
        LockedError: it was made without credit.
    """
    now = clock.now()

    def reword(conversation: Conversation) -> Conversation:
        items = list(conversation.structured.action_items)
        at = place if place < len(items) and items[place].description == old_description else None
        if at is None:
            at = _place_of(items, old_description)
        noted = note_action_item(conversation, items[at], wording=description)
        items[at] = items[at].model_copy(update={"description": description, "updated_at": now})
        return restructured(conversation, {"action_items": items}, {"user_action_items": noted})

    _require(old_description, uid=uid, conversation_id=conversation_id)
    changes = {old_description: ActionItemChanges(description=description)}
    follow_conversation(changes, uid=uid, conversation_id=conversation_id)
    return change_unlocked(uid, conversation_id, reword)


def delete_action_item(*, uid: str, conversation_id: str, description: str) -> Conversation:
    """Delete an action item; no later run brings it back.

    Raises:
        NotFoundError: no such conversation or action item.
        LockedError: it was made without credit.
    """

    def drop(conversation: Conversation) -> Conversation:
        items = list(conversation.structured.action_items)
        gone = items.pop(_place_of(items, description))
        noted = note_action_item(conversation, gone, wording=None)
        return restructured(conversation, {"action_items": items}, {"user_action_items": noted})

    _require(description, uid=uid, conversation_id=conversation_id)
    follow_conversation({description: None}, uid=uid, conversation_id=conversation_id)
    return change_unlocked(uid, conversation_id, drop)


def _require(description: str, *, uid: str, conversation_id: str) -> None:
    """Refuse before anything is changed."""
    _place_of(get_unlocked(uid=uid, conversation_id=conversation_id).structured.action_items, description)


def _place_of(items: list[ActionItem], description: str) -> int:
    for place, item in enumerate(items):
        if item.description == description:
            return place
    raise _no_action_item()


def _no_action_item() -> NotFoundError:
    return NotFoundError("Action item not found")
