"""Pub/Sub `conversation-completed` -> what it gives its owner to do stands on their list."""

from common.action_items.collect import collect_action_items
from common.entry.triggers import on_completed
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step="collect_action_items")
def main(event: ConversationCompleted) -> str:
    """Bring the list in step with this run."""
    return collect_action_items(uid=event.uid, conversation_id=event.conversation_id, run=event.run)
