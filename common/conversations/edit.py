"""What a user does to a conversation: names it, marks it, corrects what was understood."""

from typing import Any

from common.conversations import lifecycle
from common.core.errors import LockedError, NotFoundError
from common.database import conversations
from common.models.attachments import CalendarEvent
from common.models.conversation import Conversation


def rename_conversation(*, uid: str, conversation_id: str, title: str) -> Conversation:
    """Give it a title of the user's own, which no later run overwrites.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    return change_unlocked(
        uid,
        conversation_id,
        lambda conversation: restructured(conversation, {"title": title}, {"user_title": title}),
    )


def star_conversation(*, uid: str, conversation_id: str, starred: bool) -> Conversation:
    """Mark it, or no longer.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    return change_unlocked(
        uid, conversation_id, lambda conversation: conversation.model_copy(update={"starred": starred})
    )


def rewrite_summary(*, uid: str, conversation_id: str, app_id: str | None, content: str) -> Conversation:
    """Put the user's words in place of the overview, or of what an app has made of the conversation.

    Raises:
        NotFoundError: no such conversation, or that app has made nothing of it.
        LockedError: it was made without credit.
    """

    def rewrite(conversation: Conversation) -> Conversation:
        if app_id is None:
            return restructured(conversation, {"overview": content}, {"user_overview": content})
        if all(result.app_id != app_id for result in conversation.apps_results):
            raise NotFoundError("The app has no result here")
        results = [
            result.model_copy(update={"content": content}) if result.app_id == app_id else result
            for result in conversation.apps_results
        ]
        written = list(dict.fromkeys([*conversation.user_app_results, app_id]))
        return conversation.model_copy(update={"apps_results": results, "user_app_results": written})

    return change_unlocked(uid, conversation_id, rewrite)


def link_calendar_event(*, uid: str, conversation_id: str, event: CalendarEvent | None) -> Conversation:
    """Say which calendar entry it belongs to, or that it belongs to none.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    return change_unlocked(
        uid, conversation_id, lambda conversation: conversation.model_copy(update={"calendar_event": event})
    )


def get_unlocked(*, uid: str, conversation_id: str) -> Conversation:
    """A conversation that its owner may see in full.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    conversation = conversations.get(uid=uid, conversation_id=conversation_id)
    refuse_locked(conversation)
    return conversation


def change_unlocked(uid: str, conversation_id: str, decide: lifecycle.Decision) -> Conversation:
    """Apply a decision of the user's, in one transaction.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """

    def decide_unlocked(conversation: Conversation) -> Conversation | None:
        refuse_locked(conversation)
        return decide(conversation)

    changed = conversations.change(uid=uid, conversation_id=conversation_id, decide=decide_unlocked)
    if changed is None:
        raise NotFoundError("Conversation not found")
    return changed


def refuse_locked(conversation: Conversation) -> None:
    """Keep what was made without credit as it is.

    Raises:
        LockedError: it was.
    """
    if conversation.is_locked:
        raise LockedError("The conversation was recorded without credit")


def restructured(
    conversation: Conversation, parts: dict[str, Any], fields: dict[str, Any] | None = None
) -> Conversation:
    """The conversation with other `parts` of its structure, and other `fields` besides."""
    structured = conversation.structured.model_copy(update=parts)
    return conversation.model_copy(update={"structured": structured, **(fields or {})})
