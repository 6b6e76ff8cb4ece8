"""What a client is told when one of its conversations has been closed."""

import json
from collections.abc import Sequence
from typing import Literal

from common.conversations.so_far import with_words_so_far
from common.database import conversations
from common.models.chat import Message, MessageView
from common.models.conversation import Conversation, ConversationStatus
from common.models.listen import ConversationEvent

What = Literal["memory_processing_started", "memory_created"]


def announcement(what: What, *, uid: str, conversation_id: str, replies: Sequence[Message] = ()) -> str | None:
    """The event, as it goes on the wire: a long conversation is written here, in a thread, not in the event loop.

    Args:
        what: which event.
        uid: the owner.
        conversation_id: the conversation.
        replies: what apps say about it.

    Returns:
        None where there is nothing to tell: of a conversation that was empty, or has gone or ended meanwhile.
    """
    conversation = find_closed(uid=uid, conversation_id=conversation_id)
    if conversation is None:
        return None
    if what == "memory_processing_started" and (not conversation.has_content or conversation.status.terminal):
        return None
    said = [MessageView.model_validate(each.model_dump()).to_json() for each in replies]
    event = ConversationEvent(type=what, memory=conversation.to_wire(), messages=said)
    return json.dumps(event.model_dump(mode="json", exclude_none=True), separators=(",", ":"))


def find_closed(*, uid: str, conversation_id: str) -> Conversation | None:
    """A conversation that is not live any more, or None when it is gone.

    While it is being processed its own transcript is still to come: it is shown with what is understood by now.
    """
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or conversation.status is not ConversationStatus.PROCESSING:
        return conversation
    return with_words_so_far(conversation, uid=uid)
