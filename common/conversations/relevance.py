"""Whether a conversation is kept: its owner's word, then what needs no judgement, then rules and a model."""

from collections.abc import Sequence

from common.conversations.context import occasion_of
from common.conversations.lifecycle import NOT_UNDERSTOOD, OWNER
from common.llm.discard import RULES_VERSION, decide_discard
from common.llm.ports import Dialogue
from common.llm.providers import judge
from common.models.attachments import ConversationPhoto
from common.models.conversation import Conversation, Relevance


def decide_relevance(
    conversation: Conversation,
    dialogue: Dialogue,
    photos: Sequence[ConversationPhoto],
    *,
    has_words: bool,
    unheard: bool = False,
) -> Relevance:
    """The verdict with who decided and why (CONTRACT section 5.4). A model that fails decides nothing: it is kept.

    Args:
        conversation: the conversation.
        dialogue: what was said and seen.
        photos: its pictures.
        has_words: whether anything was said.
        unheard: whether there are voices in it that nobody has understood.
    """
    if conversation.relevance is not None and conversation.relevance.decided_by == OWNER:
        return conversation.relevance
    settled = _settled(conversation, photos, has_words=has_words, unheard=unheard)
    if settled is None:
        decision = decide_discard(dialogue, judge())
        settled = Relevance(verdict=decision.verdict, decided_by=decision.decided_by, reason=decision.reason)
    return settled.model_copy(update={"trigger": trigger_of(conversation), "rules_version": RULES_VERSION})


def trigger_of(conversation: Conversation) -> str:
    """What had this run begin."""
    if conversation.failure is not None:
        return "server_recovery"
    if conversation.run and conversation.asked_run == conversation.run:
        return "user_reprocess"
    capture = conversation.capture
    if capture.kind == "merged":
        return "merge"
    if capture.kind == "upload":
        return "sync_update"
    return "client_finalize" if capture.finish_requested_at or capture.kind == "external" else "capture_end"


def _settled(
    conversation: Conversation, photos: Sequence[ConversationPhoto], *, has_words: bool, unheard: bool
) -> Relevance | None:
    """What needs no judgement: what was written, merged, closed or planned on purpose, and what nobody can yet."""
    if any(photo.description is None for photo in photos):
        return Relevance(verdict="keep", decided_by="policy", reason="pictures that nobody has described")
    if not has_words:
        not_understood = NOT_UNDERSTOOD if unheard and not photos else None
        nothing = "nothing was said" if conversation.capture.deliberate else not_understood
        return None if nothing is None else Relevance(verdict="discard", decided_by="policy", reason=nothing)
    if conversation.capture.deliberate and not conversation.capture.heard:
        return Relevance(verdict="keep", decided_by="policy", reason="handed over by its owner")
    if conversation.capture.finish_requested_at is not None:
        return Relevance(verdict="keep", decided_by="override", reason="closed by its owner")
    occasion = occasion_of(conversation)
    if occasion is not None and occasion.overlaps(conversation):
        return Relevance(verdict="keep", decided_by="policy", reason="calendar_overlap")
    return None
