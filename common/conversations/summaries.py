"""A summary of a conversation by a prompt of the user's own; nothing is kept."""

from common.conversations.dialogue import as_dialogue
from common.conversations.edit import get_unlocked
from common.llm.providers import summarizer


def try_prompt(*, uid: str, conversation_id: str, prompt: str) -> str:
    """What the prompt makes of a conversation.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
        ProviderError: the model did not answer properly.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    return summarizer().summarize(as_dialogue(conversation, conversation.transcript_segments), prompt=prompt)
