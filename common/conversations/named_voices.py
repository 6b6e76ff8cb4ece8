"""What a conversation knows of its voices in the end holds for all that they have said in it.

A voice is known once enough is heard of it: by the third turn, say, by the next connection, or by a repair. Whoever
finds it out tells of what is theirs; the rest is named when the transcript is put together. What a person has said
stays, and is not carried to what was said before (docs/decisions/0021-voices.md).
"""

from collections.abc import Sequence

from common.conversations.labels import AUTO
from common.database import heard_voices, people
from common.models.segment import TranscriptSegment


def with_names(segments: Sequence[TranscriptSegment], *, uid: str, conversation_id: str) -> list[TranscriptSegment]:
    """The segments, with those of voices that were recognised named.

    Args:
        segments: numbered as the conversation numbers its voices.
        uid: the owner.
        conversation_id: whose segments.
    """
    if not any(map(_is_unnamed, segments)):
        return list(segments)
    recognised = heard_voices.list_named(uid=uid, conversation_id=conversation_id, source=AUTO)
    wanted = {voice.person_id for voice in recognised if voice.person_id is not None}
    there = {None, *(person.id for person in people.of(uid=uid).find_many(sorted(wanted)))} if wanted else {None}
    labels = {
        voice.number: {"is_user": voice.is_user, "person_id": voice.person_id, "speaker_label_source": AUTO}
        for voice in recognised
        if voice.person_id in there
    }
    return [
        segment.model_copy(update=labels[segment.speaker_id or 0])
        if _is_unnamed(segment) and (segment.speaker_id or 0) in labels
        else segment
        for segment in segments
    ]


def _is_unnamed(segment: TranscriptSegment) -> bool:
    return segment.speaker_label_source is None and segment.person_id is None and not segment.is_user
