"""What the index holds of a conversation: a summary and passages; nothing of one that is gone, or discarded."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from common.core.ids import digest
from common.database import conversations, vectors
from common.database.index_leases import NOTHING
from common.indexing.follow import follow
from common.llm.providers import embedder
from common.models.conversation import Conversation, ConversationStatus
from common.models.segment import TranscriptSegment

PASSAGE_WORDS = 80


def index_conversation(*, uid: str, conversation_id: str) -> None:
    """Bring the vectors of a conversation up to date.

    Raises:
        LeaseHeldError: another worker is at it; it may not see what this event is about, so come again.
    """
    follow(
        uid=uid,
        subject=conversation_id,
        load=lambda: conversations.find(uid=uid, conversation_id=conversation_id),
        revision=revision,
        write=partial(_write, uid=uid),
        remove=lambda: vectors.delete_conversation(uid=uid, conversation_id=conversation_id),
    )


def revision(conversation: Conversation | None) -> str | None:
    """What the index shall hold: a revision, NOTHING, or None for leaving it as it is (work is under way)."""
    if conversation is None or conversation.deleted:
        return NOTHING
    if conversation.status is not ConversationStatus.COMPLETED:
        return None
    if conversation.discarded:
        return NOTHING
    return digest(
        embedder().name,
        summary_text(conversation),
        *(f"{segment.id}:{segment.start}:{segment.text}" for segment in conversation.transcript_segments),
    )


def summary_text(conversation: Conversation) -> str:
    """What the one vector of a conversation stands for."""
    structured = conversation.structured
    lines = [structured.title, structured.overview]
    lines += [item.description for item in structured.action_items]
    lines += [event.title for event in structured.events]
    return "\n".join(line for line in lines if line)


def passages(segments: Sequence[TranscriptSegment]) -> Iterator[list[TranscriptSegment]]:
    """Stretches of about PASSAGE_WORDS words; each begins with the last segment of the one before, for context."""
    bounds = [0]
    words = 0
    for number, segment in enumerate(segments):
        if words and words + segment.word_count > PASSAGE_WORDS:
            bounds.append(number)
            words = 0
        words += segment.word_count
    bounds.append(len(segments))
    for start, end in pairwise(bounds):
        if end > start:
            yield list(segments[max(0, start - 1) : end])


def _write(conversation: Conversation, *, uid: str) -> None:
    stretches = list(passages(conversation.transcript_segments))
    texts = [" ".join(segment.text for segment in stretch) for stretch in stretches]
    summary, *embedded = embedder().embed([summary_text(conversation), *texts], purpose="document")
    vectors.put_conversation(
        summary,
        uid=uid,
        conversation_id=conversation.id,
        created_at=conversation.created_at,
        passages=[
            vectors.Passage(
                number=number,
                values=values,
                start=stretch[0].start,
                end=stretch[-1].end,
                segment_ids=tuple(segment.id for segment in stretch),
            )
            for number, (stretch, values) in enumerate(zip(stretches, embedded, strict=True))
        ],
    )
