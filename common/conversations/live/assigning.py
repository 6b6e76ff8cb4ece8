"""The client says who speaks where nobody listens to voices: in a call, or where it recognises by itself."""

import asyncio

from common.conversations import labels
from common.conversations.learn_voice import ask_to_learn
from common.conversations.live.retrying import until_done
from common.conversations.speakers import Speaker
from common.database import people
from common.models.listen import SpeakerAssigned
from common.models.segment import TranscriptSegment


async def assign_by_hand(message: SpeakerAssigned, *, uid: str, conversation_id: str) -> list[TranscriptSegment]:
    """Attribute stored segments as the client says.

    Args:
        message: what it says, with the ids of stored segments.
        uid: the owner.
        conversation_id: whose segments.

    Returns:
        The changed ones as they are now; none where the person is unknown, or the segments are.
    """
    who = Speaker.of(message.person_id) if message.person_id else Speaker()
    if who.person_id is not None and await asyncio.to_thread(people.of(uid=uid).find, who.person_id) is None:
        return []
    changed = await until_done(
        labels.relabel, labels.manual(who), message.segment_ids, uid=uid, conversation_id=conversation_id
    )
    if changed and who.person_id is not None:
        await until_done(ask_to_learn, uid=uid, conversation_id=conversation_id, person_id=who.person_id)
    return changed
