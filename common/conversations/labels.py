"""Who said it, in segments that are stored already: while the conversation is live, and after.

What a person has said stays: recognition and what follows from it change only segments that nobody has labelled.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from common.conversations.speaker_book import Saying
from common.conversations.speakers import Speaker
from common.core.logs import get_logger
from common.database import conversations, segment_batches
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment

MANUAL, AUTO, CARRIED = "manual", "auto", "carried"
"""Sources of a label: a person, recognition, and what a person has said of the same voice elsewhere."""


def relabel(
    label: Mapping[str, Any], segment_ids: Collection[str], *, uid: str, conversation_id: str, since: float = 0.0
) -> list[TranscriptSegment]:
    """Give stored segments another speaker.

    Args:
        label: the fields of a segment that say who speaks; `speaker_label_source` says who says so.
        segment_ids: which; those that are not there, or not any more, are passed over.
        uid: the owner.
        conversation_id: whose segments.
        since: none of them ended before this second of the conversation.

    Returns:
        The changed segments as they are now.
    """
    wanted = set(segment_ids)
    changed: dict[str, TranscriptSegment] = {}

    def relabelled(segment: TranscriptSegment) -> TranscriptSegment:
        return labelled(segment, label) if segment.id in wanted else segment

    for batch in segment_batches.list_after(since, uid=uid, conversation_id=conversation_id):
        if wanted.isdisjoint(segment.id for segment in batch.segments):
            continue
        now = segment_batches.change_segments(batch.id, uid=uid, conversation_id=conversation_id, change=relabelled)
        changed |= {segment.id: segment for segment in now if segment.id in wanted}
    if not wanted <= changed.keys():
        # The transcript was put together meanwhile, or they were joined to others.
        changed |= _in_transcript(relabelled, wanted, uid=uid, conversation_id=conversation_id)
    get_logger().info("segments_relabelled", source=label.get("speaker_label_source"), segments=len(changed))
    return sorted(changed.values(), key=lambda segment: segment.start)


def relabel_sayings(label: Mapping[str, Any], sayings: Iterable[Saying], *, uid: str) -> list[TranscriptSegment]:
    """The same for what a voice has said, in whichever conversations."""
    groups: dict[str, list[Saying]] = {}
    for saying in sayings:
        groups.setdefault(saying.conversation_id, []).append(saying)
    changed: list[TranscriptSegment] = []
    for conversation_id, group in groups.items():
        changed += relabel(
            label,
            [saying.segment_id for saying in group],
            uid=uid,
            conversation_id=conversation_id,
            since=min(saying.start for saying in group),
        )
    return changed


def manual(who: Speaker) -> dict[str, Any]:
    """The label that a person gives."""
    return {"is_user": who.is_user, "person_id": who.person_id, "speaker_label_source": MANUAL}


def labelled(segment: TranscriptSegment, label: Mapping[str, Any]) -> TranscriptSegment:
    """The segment with another label, unless the one it has is worth more."""
    if segment.speaker_label_source == MANUAL and label.get("speaker_label_source") != MANUAL:
        label = {name: value for name, value in label.items() if name in {"speaker", "speaker_id"}}
    return segment.model_copy(update=dict(label))


def _in_transcript(
    relabelled: Any, wanted: set[str], *, uid: str, conversation_id: str
) -> dict[str, TranscriptSegment]:
    def decide(conversation: Conversation) -> Conversation | None:
        segments = [relabelled(segment) for segment in conversation.transcript_segments]
        if segments == conversation.transcript_segments:
            return None
        return conversation.model_copy(update={"transcript_segments": segments})

    found = conversations.change(uid=uid, conversation_id=conversation_id, decide=decide)
    return {each.id: each for each in found.transcript_segments if each.id in wanted} if found else {}
