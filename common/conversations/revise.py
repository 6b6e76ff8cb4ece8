"""A program of the owner's corrects what a conversation is called, or whether it is worth keeping."""

from typing import Any

from common.conversations.edit import change_unlocked, restructured
from common.conversations.lifecycle import OWNER
from common.models.conversation import Conversation, Relevance


def revise_conversation(
    *, uid: str, conversation_id: str, title: str | None = None, discarded: bool | None = None
) -> Conversation:
    """Change what is given; no later run overwrites it.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """

    def revise(conversation: Conversation) -> Conversation:
        fields: dict[str, Any] = {}
        if title is not None:
            fields["user_title"] = title
        if discarded is not None:
            verdict = "discard" if discarded else "keep"
            fields["discarded"] = discarded
            fields["relevance"] = Relevance(verdict=verdict, decided_by=OWNER, reason="said by its owner")
        return restructured(conversation, {} if title is None else {"title": title}, fields)

    return change_unlocked(uid, conversation_id, revise)
