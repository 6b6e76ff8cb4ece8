"""What a prompt of somebody's makes of a conversation; nothing is kept."""

from common.conversations.context import load_context
from common.conversations.dialogue import as_dialogue
from common.conversations.edit import get_unlocked
from common.llm.long_summaries import summarize_whole
from common.llm.providers import summarizer
from common.models.conversation import Conversation


def try_prompt(*, uid: str, conversation_id: str, prompt: str) -> str:
    """What the prompt makes of a conversation of the user's.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
        ProviderError: the model did not answer properly.
    """
    return summary_by(prompt, get_unlocked(uid=uid, conversation_id=conversation_id), uid=uid)


def summary_by(prompt: str, conversation: Conversation, *, uid: str) -> str:
    """What the prompt makes of a conversation, in which speakers have their names.

    Raises:
        ProviderError: the model did not answer properly.
    """
    segments = conversation.transcript_segments
    dialogue = as_dialogue(conversation, segments, context=load_context(conversation, segments, uid=uid))
    return summarize_whole(summarizer(), dialogue, prompt=prompt)
