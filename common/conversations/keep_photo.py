"""A picture that was taken during a conversation is kept with it, and described later."""

from datetime import datetime
from hashlib import sha256

from common.core.ids import derived_id
from common.core.logs import get_logger
from common.database import conversations, photo_files, photos, tasks
from common.llm.providers import photos_are_described
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation, ConversationSource
from common.models.events import DescribePhoto


def keep_photo(
    data: bytes, *, content_type: str, temp_id: str, taken_at: datetime, uid: str, conversation_id: str
) -> ConversationPhoto | None:
    """Store a picture, then have it described if anybody can; the same one again changes nothing.

    Args:
        data: the picture.
        content_type: which kind of picture.
        temp_id: what its client calls it.
        taken_at: when it arrived.
        uid: the owner.
        conversation_id: the conversation.

    Returns:
        The picture without its bytes; None where the conversation is gone.
    """
    # Marked before there is anything: a conversation that is known to have pictures is never removed as empty.
    if conversations.change(uid=uid, conversation_id=conversation_id, decide=photographed) is None:
        return None
    photo_id = derived_id("photo", conversation_id, temp_id, sha256(data).hexdigest())
    path = photo_files.put(photo_id, data, uid=uid, conversation_id=conversation_id, content_type=content_type)
    photo = photos.add(
        ConversationPhoto(id=photo_id, storage_id=path, content_type=content_type, created_at=taken_at),
        uid=uid,
        conversation_id=conversation_id,
    )
    if not conversations.exists(uid=uid, conversation_id=conversation_id):
        photo_files.delete_all(uid=uid, conversation_id=conversation_id)
        conversations.delete_children(uid=uid, conversation_id=conversation_id)
        return None
    get_logger().info("photo_kept", conversation_id=conversation_id, photo_id=photo_id)
    if not photo.settled and photos_are_described():
        tasks.enqueue_photo(DescribePhoto(uid=uid, conversation_id=conversation_id, photo_id=photo_id))
    return photo


def photographed(conversation: Conversation) -> Conversation | None:
    """The conversation as one with pictures, which come from `openglass` whatever the client says; None if it is."""
    if conversation.capture.photographed:
        return None
    capture = conversation.capture.model_copy(update={"photographed": True, "source": conversation.source})
    return conversation.model_copy(update={"capture": capture, "source": ConversationSource.OPENGLASS})
