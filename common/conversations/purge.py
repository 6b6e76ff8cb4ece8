"""Deleting deletes: with the document goes everything that hung on it."""

from common.conversations.forgetting_days import forget_in_days
from common.core.logs import get_logger
from common.database import audio_blocks, conversations, hearings, learned, photo_files, tasks, tombstones
from common.models.events import RefreshPersona
from common.people.edit import forget_samples


def purge_conversation(*, uid: str, conversation_id: str) -> None:
    """Remove audio, pictures and segments of a conversation whose document is gone; its vectors are not for this step.

    Recordings of voices that were cut out of it go with it, and notes about what its owner wants forgotten of it,
    unless it lives on in another. What was learned from it goes as well where its owner asked for that: whoever deleted
    it did so already, but a step that was still running may have written more. A persona tells of it no longer.
    """
    if conversations.find(uid=uid, conversation_id=conversation_id) is not None:
        return  # created again under the same id: what is there now belongs to the new one
    conversations.delete_children(uid=uid, conversation_id=conversation_id)
    blocks = audio_blocks.delete_all(uid=uid, conversation_id=conversation_id)
    pictures = photo_files.delete_all(uid=uid, conversation_id=conversation_id)
    hearings.delete_audio(uid=uid, conversation_id=conversation_id)
    grave = tombstones.of(uid=uid).find(conversation_id)
    facts = learned.delete_all(uid=uid, conversation_id=conversation_id) if grave is not None and grave.cascade else 0
    samples = 0
    merged = grave is not None and grave.merged_into is not None
    if not merged:
        learned.forget_deletions(uid=uid, conversation_id=conversation_id)
        parts = tombstones.list_merged_into(conversation_id, uid=uid)
        samples = forget_samples([conversation_id, *parts], uid=uid)
        for part in [conversation_id, *parts]:
            forget_in_days(part, uid=uid)
    tasks.schedule_persona(RefreshPersona(uid=uid), soon=True)
    get_logger().info(
        "conversation_purged",
        conversation_id=conversation_id,
        audio_blocks=blocks,
        photos=pictures,
        learned=facts,
        samples=samples,
        merged=merged,
        cascade=grave is not None and grave.cascade,
    )
