"""What an app hands over about a user: facts, or text that may hold some (CONTRACT section 4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.conversations.create import create_from_text
from common.memories.edit import NewMemory, add_memories
from common.models.external import ExternalText

LONGEST_FACT = 500
"""Characters of a text that is taken for one fact."""


@dataclass(frozen=True)
class Fact:
    """Something an app knows about the user."""

    content: str
    tags: Sequence[str] = ()


def import_facts(facts: Sequence[Fact], *, uid: str, app_id: str) -> None:
    """Remember what an app says outright."""
    if facts:
        new = [NewMemory(content=fact.content, tags=fact.tags) for fact in facts]
        add_memories(new, uid=uid, manual=False, app_id=app_id)


def import_text(
    text: str, *, kind: str, spec: str | None, uid: str, app_id: str, conversation_id: str | None = None
) -> None:
    """Keep a text: a short one as the fact it states, a longer one as a conversation, which is understood as a whole.

    Args:
        text: what the app hands over.
        kind: `email`, `social_post` or `other`.
        spec: what the app says about where it is from.
        uid: whose it is.
        app_id: the app.
        conversation_id: what a longer one shall be called, where it may have been handed over before.
    """
    if len(text) <= LONGEST_FACT:
        import_facts([Fact(text)], uid=uid, app_id=app_id)
        return
    source = "other_text" if kind == "other" else "message"
    handed_over = ExternalText(text=text, text_source=source, text_source_spec=spec)
    create_from_text(handed_over, uid=uid, app_id=app_id, conversation_id=conversation_id)
