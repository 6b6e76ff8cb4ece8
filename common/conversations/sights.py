"""What a conversation's pictures show, as far as it is known when the conversation is structured."""

from collections.abc import Iterable

from common.core import clock
from common.core.settings import settings
from common.database import photos, tasks
from common.llm.providers import photos_are_described
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation
from common.models.events import DescribePhoto

_POLL_S = 2.0


def await_sights(conversation: Conversation, *, uid: str) -> list[ConversationPhoto]:
    """A conversation's pictures, their descriptions waited for as long as the setting allows.

    Who comes later has the conversation structured again.
    """
    if not conversation.capture.photographed:
        return list(conversation.photos)
    deadline = clock.Deadline.real(settings().photo_patience_s if photos_are_described() else 0.0)
    asked = False
    while True:
        beside = photos.list_photos(uid=uid, conversation_id=conversation.id)
        waiting = [photo for photo in beside if not photo.settled]
        if not waiting or deadline.passed:
            return [*conversation.photos, *beside]
        if not asked:  # whoever kept one may have died before it could ask
            for photo in waiting:
                tasks.enqueue_photo(DescribePhoto(uid=uid, conversation_id=conversation.id, photo_id=photo.id))
            asked = True
        clock.pause(_POLL_S)


def count(pictures: Iterable[ConversationPhoto]) -> int:
    """How many of them are described."""
    return sum(photo.description is not None for photo in pictures)


def noted(conversation: Conversation | None, pictures: Iterable[ConversationPhoto]) -> Conversation | None:
    """The conversation as one that was structured with these; pure."""
    if conversation is None or conversation.capture.sights == (seen := count(pictures)):
        return conversation
    capture = conversation.capture.model_copy(update={"sights": seen})
    return conversation.model_copy(update={"capture": capture})
