"""Pub/Sub `conversation-completed` -> an app summarises the conversation, and everybody who listens is told."""

from common.apps.running import STEP, run_apps
from common.entry.triggers import on_completed
from common.models.events import ConversationCompleted


@on_completed(ConversationCompleted, step=STEP)
def main(event: ConversationCompleted) -> str:
    """Let apps have it."""
    return run_apps(event)
