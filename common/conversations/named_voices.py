"""What a conversation knows of its voices in the end holds for all that they have said in it.

A voice is known once enough is heard of it: by the third turn, say, by the next connection, or by a repair. Whoever
finds it out tells of what is theirs; the rest is named when the transcript is put together. What a person has said
stays, and is not carried to what was said before (docs/decisions/0021-voices.md).
"""

from collections.abc import Sequence

from common.conversations.labels import AUTO
from common.database import deleted_people, heard_voices, people
from common.models.person import OWNER
from common.models.segment import TranscriptSegment


def with_names(segments: Sequence[TranscriptSegment], *, uid: str, conversation_id: str) -> list[TranscriptSegment]:
    """The segments, with those of voices that were recognised named; whose person was deleted is somebody unknown.

    Programs may hand over ids of their own, which stay, but none of somebody who was deleted here.

    Args:
        segments: numbered as the conversation numbers its voices.
        uid: the owner.
        conversation_id: whose segments.
    """
    recognised = []
    if any(map(_is_unnamed, segments)):
        recognised = heard_voices.list_named(uid=uid, conversation_id=conversation_id, source=AUTO)
    wanted = {voice.person_id for voice in recognised} | {each.person_id for each in segments if _is_labelled(each)}
    asked = sorted(person_id for person_id in wanted if person_id is not None)
    there = {None, *(person.id for person in people.of(uid=uid).find_many(asked))}
    handed_over = {each.person_id for each in segments if each.person_id and each.person_id not in there | {OWNER}}
    gone = deleted_people.among(handed_over, uid=uid) if handed_over else set()
    labels = {
        voice.number: {"is_user": voice.is_user, "person_id": voice.person_id, "speaker_label_source": AUTO}
        for voice in recognised
        if voice.person_id in there
    }
    known = (
        segment.model_copy(update=_NOBODY)
        if segment.person_id in gone or (_is_labelled(segment) and segment.person_id not in there)
        else segment
        for segment in segments
    )
    return [
        segment.model_copy(update=labels[segment.speaker_id or 0])
        if _is_unnamed(segment) and (segment.speaker_id or 0) in labels
        else segment
        for segment in known
    ]


_NOBODY = {"person_id": None, "speaker_label_source": None}


def _is_labelled(segment: TranscriptSegment) -> bool:
    """Whether it was found out here, or said by a user, which person it is of; not by whoever handed it over."""
    return segment.speaker_label_source is not None and segment.person_id not in (None, OWNER)


def _is_unnamed(segment: TranscriptSegment) -> bool:
    return segment.speaker_label_source is None and segment.person_id is None and not segment.is_user
