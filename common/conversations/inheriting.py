"""What was learned from conversations that have become one: it names that one, and is learned before they are gone.

So do answers in the chat that rest on them, and the days that they were part of.
"""

from collections.abc import Sequence

from common.conversations.forgetting_days import forget_in_days, rename_in_days
from common.database import claims, learned, messages, tombstones
from common.models.conversation import Conversation

LEARNING = ("extract_memories", "collect_action_items", "run_apps")
"""Steps that make of a run what stands beside the conversation."""


def inherit(conversation_ids: Sequence[str], *, uid: str, by: str) -> None:
    """Whatever names one of these conversations names what they have become, as it is by now; again is fine.

    That may have been merged on meanwhile, or deleted with what was learned from it.

    Args:
        conversation_ids: those that are gone.
        uid: their owner.
        by: the conversation that they have become.
    """
    _rename(conversation_ids, uid=uid, to=by)
    graves = tombstones.of(uid=uid)
    grave = graves.find(by)
    while grave is not None and grave.merged_into is not None:
        _rename([grave.id], uid=uid, to=grave.merged_into)
        grave = graves.find(grave.merged_into)
    if grave is not None:
        learned.forget_deletions(uid=uid, conversation_id=grave.id)
        if grave.cascade:
            learned.delete_all(uid=uid, conversation_id=grave.id)
        forget_in_days(grave.id, uid=uid)


def _rename(conversation_ids: Sequence[str], *, uid: str, to: str) -> None:
    learned.repoint(conversation_ids, uid=uid, to=to)
    messages.rename_cited(conversation_ids, to=to, uid=uid)
    rename_in_days(conversation_ids, to=to, uid=uid)


def is_learned_from(conversation: Conversation, *, uid: str) -> bool:
    """Whether everything that follows from its run was done; nothing does from one that was merged as it was."""
    return conversation.run == 0 or all(
        claims.is_done(uid=uid, step=step, subject=conversation.id, run=conversation.run) for step in LEARNING
    )
