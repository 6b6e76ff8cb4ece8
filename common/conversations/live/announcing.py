"""What a client is told when one of its conversations has been closed."""

import json
from collections.abc import Sequence
from typing import Literal

from common.conversations import recording
from common.conversations.live.app_replies import await_replies
from common.conversations.live.retrying import until_done
from common.conversations.live.screen import Tell
from common.conversations.live.take import Take
from common.conversations.so_far import with_words_so_far
from common.database import conversations
from common.models.chat import Message, MessageView
from common.models.conversation import Conversation, ConversationStatus
from common.models.listen import ConversationEvent

What = Literal["memory_processing_started", "memory_created"]


class Announcer:
    """Tells one connection's client what becomes of its conversations.

    Args:
        uid: the owner.
        tell: queues a message for the client.
    """

    def __init__(self, *, uid: str, tell: Tell) -> None:
        self._uid = uid
        self._tell = tell

    async def closed(self, take: Take, *, left: bool = False) -> None:
        """Say, once, that a conversation is being processed.

        One in which nothing is understood yet may be empty: of that nothing is said before the connection has `left`
        it, when what was still on its way to it has arrived.
        """
        text = await until_done(
            announcement,
            "memory_processing_started",
            uid=self._uid,
            conversation_id=take.conversation_id,
            heard_out=left,
        )
        if text is not None and not take.announced:
            take.announced = True
            self._tell(text)

    async def finished(self, take: Take) -> bool:
        """Say that it is done, with what apps say about it; False where it has gone."""
        uid, conversation_id = self._uid, take.conversation_id
        replies = await await_replies(uid=uid, conversation_id=conversation_id)
        text = await until_done(
            announcement, "memory_created", uid=uid, conversation_id=conversation_id, replies=replies
        )
        if text is not None:
            self._tell(text)
        return text is not None


def announcement(
    what: What, *, uid: str, conversation_id: str, replies: Sequence[Message] = (), heard_out: bool = False
) -> str | None:
    """The event, as it goes on the wire: a long conversation is written here, in a thread, not in the event loop.

    Args:
        what: which event.
        uid: the owner.
        conversation_id: the conversation.
        replies: what apps say about it.
        heard_out: whether audio that is not understood by now is a sign that something was said.

    Returns:
        None where there is nothing to tell: of a conversation that was empty, or has gone or ended meanwhile.
    """
    conversation = find_closed(uid=uid, conversation_id=conversation_id)
    if conversation is None:
        return None
    if what == "memory_processing_started":
        begun = conversation.has_content or (heard_out and bool(recording.load(conversation, uid=uid).holes))
        if conversation.status.terminal or not begun:
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
