"""Deleting deletes: with the document goes everything that hung on it."""

from common.core.logs import get_logger
from common.database import audio_blocks, conversations, vectors


def purge_conversation(*, uid: str, conversation_id: str) -> None:
    """Remove audio, segments, chunks and vectors of a conversation whose document is gone."""
    if conversations.find(uid=uid, conversation_id=conversation_id) is not None:
        return  # created again under the same id: what is there now belongs to the new one
    vectors.delete_conversation(uid=uid, conversation_id=conversation_id)
    conversations.delete_children(uid=uid, conversation_id=conversation_id)
    blocks = audio_blocks.delete_all(uid=uid, conversation_id=conversation_id)
    get_logger().info("conversation_purged", conversation_id=conversation_id, audio_blocks=blocks)
