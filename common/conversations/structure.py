"""Structuring: what a conversation was about, once all of its audio is understood."""

from dataclasses import replace

from common.conversations import lifecycle, recording, sights, spans, transcript
from common.conversations.context import Context, load_context
from common.conversations.dialogue import as_dialogue
from common.conversations.draining import await_last_words
from common.conversations.filing import choose_folder, filed
from common.conversations.inheriting import inherit
from common.conversations.late import reprocess_unless_whole
from common.conversations.meetings import met, with_meeting
from common.conversations.named_voices import with_names
from common.conversations.parting import keep_or_expect_end
from common.conversations.place import located, place_of
from common.conversations.playlist import audio_files
from common.conversations.recording import Recording
from common.conversations.relevance import decide_relevance
from common.database import conversations, segment_batches, topics
from common.llm.providers import structurer
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation, ConversationStatus, Relevance
from common.models.events import ConversationCompleted
from common.models.segment import TranscriptSegment
from common.models.structured import Structured


def structure_conversation(*, uid: str, conversation_id: str, run: int) -> str:
    """Do the work of one run; says in a word what came of it.

    Everything it writes is bound to the run and everything it announces carries the run's event id, so doing it
    again after a crash at any point ends the same.

    Raises:
        RetryableError: a model or store failed, or the words still on their way did not arrive in time.
    """
    conversation = await_last_words(uid=uid, conversation_id=conversation_id, run=run)
    if conversation is None:
        return "deleted"
    if conversation.run != run:
        return "superseded"
    known = None
    if conversation.status is ConversationStatus.PROCESSING:
        # Once everybody has brought their words; what was read while they were waited for may be incomplete.
        known = recording.load(conversation, uid=uid)
        outcome = _process(known, uid=uid)
        if outcome != "completed":
            return outcome
    # Only how it stands: a long transcript is not read again.
    stands = conversations.find_many(uid=uid, conversation_ids=[conversation_id])
    conversation = stands[0] if stands else conversations.get(uid=uid, conversation_id=conversation_id)
    if conversation.run != run or conversation.status is not ConversationStatus.COMPLETED:
        return "superseded"
    topics.publish(
        ConversationCompleted(uid=uid, conversation_id=conversation_id, run=run, discarded=conversation.discarded)
    )
    _tidy(conversation, known, uid=uid)
    return "completed"


def fail_conversation(*, uid: str, conversation_id: str, run: int, reason: str) -> None:
    """Give a run up: the conversation stays readable, says why, and is tried again later."""
    conversations.change(
        uid=uid,
        conversation_id=conversation_id,
        decide=lambda current: lifecycle.fail(current, run=run, step=lifecycle.STRUCTURING, reason=reason),
    )


def _process(known: Recording, *, uid: str) -> str:
    conversation = known.conversation
    if conversation.pending_spans or known.holes:
        spans.plan_spans(conversation, known.holes, uid=uid)
        return "waiting for spans"
    if conversation.merged_from:
        # Whoever merged them may be slower: what they have given to do is not somebody else's.
        inherit(conversation.merged_from, uid=uid, by=conversation.id)
    segments, covered = transcript.assemble(conversation.transcript_segments, conversation.covered, known.said)
    segments = with_names(segments, uid=uid, conversation_id=conversation.id)
    if _is_empty(conversation, segments) and not known.gaps and not known.unheard:
        conversations.delete(uid=uid, conversation_id=conversation.id)
        return "empty"
    conversation = with_meeting(conversation, uid=uid)
    pictures = sights.await_sights(conversation, uid=uid)
    context = load_context(conversation, segments, uid=uid)
    structured, relevance = understand(conversation, segments, pictures, context=context, unheard=bool(known.unheard))
    folder_id = None if relevance.verdict == "discard" else choose_folder(conversation, structured, uid=uid)
    place = place_of(conversation, uid=uid)

    def complete(current: Conversation) -> Conversation | None:
        retries = current.failure.retries if current.failure else 0
        completed = lifecycle.complete(
            current,
            run=conversation.run,
            structured=structured,
            segments=segments,
            covered=covered,
            unheard=known.unheard,
            audio_files=audio_files(known.blocks, current, uid=uid),
            relevance=relevance,
            retry_at=lifecycle.next_retry(retries) if known.gaps else None,
        )
        return filed(sights.noted(met(located(completed, place), conversation), pictures), folder_id)

    saved = conversations.change(uid=uid, conversation_id=conversation.id, decide=complete)
    return "deleted" if saved is None else "completed"


def _is_empty(conversation: Conversation, segments: list[TranscriptSegment]) -> bool:
    """Whether nothing is in it, and nobody who has not said good-bye may still bring something."""
    return not (
        conversation.capture.deliberate
        or _has_words(segments)
        or conversation.photos
        or conversation.capture.photographed
        or any(session.open for session in conversation.capture.sessions.values())
    )


def understand(
    conversation: Conversation,
    segments: list[TranscriptSegment],
    photos: list[ConversationPhoto],
    *,
    context: Context,
    unheard: bool = False,
) -> tuple[Structured, Relevance]:
    """Ask the models: worth keeping, and what was it about.

    Args:
        conversation: the conversation.
        segments: what was said.
        photos: its pictures.
        context: what else is known.
        unheard: whether there are voices in it that nobody has understood.

    Raises:
        ProviderError: the model did not answer properly.
    """
    dialogue = as_dialogue(conversation, segments, photos, context=context)
    relevance = decide_relevance(conversation, dialogue, photos, has_words=_has_words(segments), unheard=unheard)
    if relevance.verdict == "discard" and relevance.decided_by != lifecycle.OWNER:
        return Structured(), relevance
    structured = structurer().structure(dialogue)
    if not structured.title and relevance.decided_by in {"rule", "model"}:
        untitled = {"verdict": "discard", "decided_by": "policy", "reason": "nothing to be called by"}
        return Structured(), relevance.model_copy(update=untitled)
    return structured.model_copy(update={"title": _kept_title(conversation) or structured.title}), relevance


def _kept_title(conversation: Conversation) -> str:
    """The title that a conversation keeps once its owner has had it processed again."""
    return conversation.structured.title if conversation.asked_run else ""


def _has_words(segments: list[TranscriptSegment]) -> bool:
    return any(segment.text.strip() for segment in segments)


def _tidy(conversation: Conversation, known: Recording | None, *, uid: str) -> None:
    """What the transcript contains now need not be kept beside it; what came late begins a new run.

    What was `known` when the transcript was put together goes first. Then everything is read that is left, so that
    nothing is overlooked that came, or changed, while models were thinking; as a rule that is nothing.
    """
    if known is not None:
        _delete_compacted(replace(known, conversation=conversation), uid=uid)
    after = recording.load(conversation, uid=uid)
    _delete_compacted(after, uid=uid)
    if not reprocess_unless_whole(after, uid=uid):
        keep_or_expect_end(after, uid=uid)


def _delete_compacted(known: Recording, *, uid: str) -> None:
    leftovers = known.leftovers
    done = [batch for batch in known.batches if batch.given_up is None and batch not in leftovers]
    segment_batches.delete(done, versions=known.versions, uid=uid, conversation_id=known.conversation.id)
