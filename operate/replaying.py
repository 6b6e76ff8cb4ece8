"""What it means to do a step again that was given up, by its name.

A step that is done once per run was noted as given up; that note goes first, or whoever is asked again would find it.
Doing it twice is harmless: by then the note says that it is done.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from common.action_items.index import index_action_item
from common.conversations.index import index_conversation
from common.conversations.lifecycle import STRUCTURING
from common.conversations.purge import purge_conversation
from common.conversations.spans import STEP as TRANSCRIBING
from common.conversations.stuck import finish_stuck
from common.core.errors import NotFoundError
from common.database import claims, conversations, topics
from common.memories.index import index_memory
from common.models.events import ActionItemDue, ConversationCompleted, DeadLettered, NotificationDue

if TYPE_CHECKING:
    from collections.abc import Callable

REPLAYED, NOTHING_TO_DO = "replayed", "nothing to do"
_AFTER_COMPLETION = (
    "advise_user",
    "collect_action_items",
    "extract_memories",
    "note_conversation",
    "postprocess_conversation",
    "run_apps",
)


INSTEAD = {
    "advance_postprocessing": "the conversation stays as it was heard at first",
    "apply_app": "its user can have the app applied again",
    "describe_photo": "it is tried again by itself, for a day",
    "merge_conversations": "they are as before; their user can have them merged again",
    "relay_segments": "it was about what was being said at that moment",
    "transcribe_upload": "the file has to be handed in again",
}
"""Of steps that cannot be done again from here: what can be done, or becomes of it."""


def replay(letter: DeadLettered) -> str | None:
    """Have the step done again; in a word what came of it, None where this cannot be done from here.

    Raises:
        EarshotError: not now.
    """
    again = AGAIN.get(letter.step)
    if again is None or letter.uid is None:
        return None
    try:
        return REPLAYED if again(letter.uid, letter) else NOTHING_TO_DO
    except NotFoundError:
        return NOTHING_TO_DO  # what it was about is gone


def _conversation(uid: str, letter: DeadLettered) -> bool:
    """Through the chain again; a stretch of it is named `{conversation}:{stretch}`."""
    conversation_id, _, _ = letter.subject.partition(":")
    return finish_stuck(uid=uid, conversation_id=conversation_id)


def _completed(uid: str, letter: DeadLettered) -> bool:
    """Say again that it is complete: of all who listen, only this step is not done."""
    conversation = conversations.get(uid=uid, conversation_id=letter.subject)
    if conversation.run != letter.run:
        return False  # done again since, and everybody was told
    if not claims.reopen(uid=uid, step=letter.step, subject=letter.subject, run=letter.run):
        return False
    topics.publish(
        ConversationCompleted(
            uid=uid, conversation_id=conversation.id, run=conversation.run, discarded=conversation.discarded
        )
    )
    return True


def _notified(uid: str, letter: DeadLettered) -> bool:
    """Say again what is due."""
    _, _, named = letter.subject.partition(":")
    owner, _, notification_id = named.partition(":")
    if owner == uid:
        topics.publish(NotificationDue(uid=uid, notification_id=notification_id))
        return True
    action_item_id, change, changed_at = named.split(":", 2)
    topics.publish(
        ActionItemDue.model_validate(
            {
                "uid": uid,
                "action_item_id": action_item_id,
                "change": change,
                "changed_at": datetime.fromisoformat(changed_at),
            }
        )
    )
    return True


def _here(work: Callable[..., None], name: str) -> Callable[[str, DeadLettered], bool]:
    """Followers look at the present only, so they can be called at once."""

    def again(uid: str, letter: DeadLettered) -> bool:
        work(uid=uid, **{name: letter.subject})
        return True

    return again


AGAIN: dict[str, Callable[[str, DeadLettered], bool]] = {
    STRUCTURING: _conversation,
    TRANSCRIBING: _conversation,
    **dict.fromkeys(_AFTER_COMPLETION, _completed),
    "index_conversation": _here(index_conversation, "conversation_id"),
    "index_memory": _here(index_memory, "memory_id"),
    "index_action_item": _here(index_action_item, "action_item_id"),
    "purge_conversation": _here(purge_conversation, "conversation_id"),
    "notify_user": _notified,
}
