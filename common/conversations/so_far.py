"""A conversation whose transcript is still to be put together, with what is understood by now."""

from datetime import timedelta

from common.conversations import transcript
from common.conversations.recording import in_its_times
from common.database import segment_batches
from common.models.conversation import Conversation


def with_words_so_far(conversation: Conversation, *, uid: str) -> Conversation:
    """The same with its words until now, and the end of the last of them; a finished one as it is."""
    if conversation.status.terminal or conversation.is_locked:
        return conversation
    batches = in_its_times(segment_batches.list_batches(uid=uid, conversation_id=conversation.id), conversation)
    if not batches:
        return conversation
    segments, _ = transcript.assemble(conversation.transcript_segments, conversation.covered, batches)
    known: dict[str, object] = {"transcript_segments": segments}
    if conversation.started_at is not None and segments:
        known["finished_at"] = conversation.started_at + timedelta(seconds=max(each.end for each in segments))
    return conversation.model_copy(update=known)
