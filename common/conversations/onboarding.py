"""Getting to know a new user: what is asked, what counts as an answer, and what is remembered of it (CONTRACT 1.6)."""

from dataclasses import dataclass

from common.conversations.finish import closed_on_request
from common.core.errors import ProviderError
from common.core.languages import primary_subtag
from common.core.logs import get_logger
from common.database import cache, claims, conversations, memories
from common.llm.filler import is_unspaced_filler, telling_words
from common.llm.ports import Phrase
from common.llm.providers import translator
from common.models.conversation import Conversation, ConversationStatus
from common.speech.tags import MULTI

QUESTIONS = (
    "What is your name?",
    "What do you do for work?",
    "Where do you live?",
    "What do you do in your free time?",
    "What would you like to get done in the next few months?",
)
_LAST_LATIN = 0x24F
REMEMBERING = "extract_memories"
"""The step that remembers; its claims carry this name."""


@dataclass(frozen=True)
class Outcome:
    """What became of the answers."""

    memories_created: int = 0
    failed: bool = False


def questions_in(language: str) -> tuple[str, ...]:
    """The questions in a language (a BCP-47 tag, or `multi`); in English where nobody translates them."""
    by = translator()
    if by is None or language == MULTI or primary_subtag(language) == "en":
        return QUESTIONS
    phrases = [Phrase(str(number), question) for number, question in enumerate(QUESTIONS)]
    try:
        translated = by.translate(phrases, to=language)
    except ProviderError as error:
        get_logger().warning("questions_not_translated", error=type(error).__name__)
        return QUESTIONS
    return tuple(translated.get(phrase.id) or phrase.text for phrase in phrases)


def is_answer(text: str, language: str) -> bool:
    """Whether something is said, and not only a greeting, a filler or a breath. Pure."""
    if any(character.isalpha() and ord(character) > _LAST_LATIN for character in text):
        return not is_unspaced_filler(text)
    return bool(telling_words(text, None if language == MULTI else language))


def close_answered(*, uid: str, conversation_id: str) -> Conversation | None:
    """Close the conversation as its owner would, so that it is kept; as it is afterwards, None where it is gone."""
    closed = conversations.change(uid=uid, conversation_id=conversation_id, decide=closed_on_request)
    cache.forget_live(uid=uid)
    return closed


def find_outcome(*, uid: str, conversation_id: str) -> Outcome | None:
    """What is remembered of the answers; None while that is not known."""
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or conversation.status is ConversationStatus.FAILED:
        return Outcome(failed=True)
    if conversation.status is not ConversationStatus.COMPLETED:
        return None
    of_run = {"uid": uid, "step": REMEMBERING, "subject": conversation_id}
    if not claims.is_done(**of_run, run=conversation.run):
        return None
    return Outcome(len(memories.list_of_conversation(conversation_id, uid=uid)))
