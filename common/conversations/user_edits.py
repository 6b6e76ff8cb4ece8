"""What a user has changed about a conversation's structure, kept when the conversation is processed again."""

from common.models.action_item import wording_key
from common.models.conversation import Conversation
from common.models.structured import ActionItem, Event, Structured


def keep_user_edits(conversation: Conversation, structured: Structured) -> Structured:
    """A new run's structure with what is the user's own in it.

    Title and overview stay as the user wrote them. Action items that were completed or reworded and events that were
    exported stay as they are; of the new run's, those are added that the user has not seen, reworded or deleted.
    """
    before = conversation.structured
    wordings = {wording for wording in conversation.user_action_items.values() if wording is not None}
    items = [item for item in before.action_items if item.completed or item.description in wordings]
    known = {*conversation.user_action_items, *(action_item_key(item.description) for item in items)}
    items += [item for item in structured.action_items if action_item_key(item.description) not in known]
    events = [event for event in before.events if event.created]
    exported = [_appointment(event) for event in events]
    events += [event for event in structured.events if _appointment(event) not in exported]
    return structured.model_copy(
        update={
            "title": conversation.user_title or structured.title,
            "overview": structured.overview if conversation.user_overview is None else conversation.user_overview,
            "action_items": items,
            "events": events,
        }
    )


def note_action_item(conversation: Conversation, item: ActionItem, *, wording: str | None) -> dict[str, str | None]:
    """The conversation's `user_action_items` once `item` has another wording, or None: is deleted."""
    first = next(
        (key for key, known in conversation.user_action_items.items() if known == item.description),
        action_item_key(item.description),
    )
    return {**conversation.user_action_items, first: wording}


def action_item_key(description: str) -> str:
    """What stands for an action item by its first wording."""
    return wording_key(description)


def _appointment(event: Event) -> tuple[str, str]:
    return (event.title.casefold(), event.start.isoformat())
