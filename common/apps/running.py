"""What apps do with a conversation once it is done, and with earlier ones where the user wants that."""

from common.apps.announcing import announce_conversation
from common.apps.enabling import visible_enabled_app
from common.apps.summarizing import apply_app, can_summarize, is_current, revision, summarize_conversation
from common.core import clock
from common.core.errors import BadRequestError
from common.database import apps, conversations, installs, realtime, tasks
from common.database.whole_conversations import Room
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import ApplyApp, ConversationCompleted, DeliverWebhook
from common.models.webhook import WebhookKind

STEP = "run_apps"
APPLY_STEP = "apply_app"


def run_apps(event: ConversationCompleted) -> str:
    """Have one app summarise a conversation and everybody told who listens; says in a word what came of it.

    Whoever listens is told even where the model fails: what the model's failure delays is its own result alone.

    Raises:
        RetryableError: a model or store failed; doing it again does only what is missing.
    """
    conversation = conversations.find(uid=event.uid, conversation_id=event.conversation_id)
    if conversation is None:
        return "deleted"
    if not is_current(conversation, run=event.run):
        return "not for apps"
    try:
        return summarize_conversation(conversation, uid=event.uid)
    finally:
        announce_conversation(conversation, uid=event.uid)


def apply_to_conversation(task: ApplyApp) -> str:
    """Have one app make something of one earlier conversation, unless the user has thought better of it.

    Raises:
        RetryableError: a model or store failed.
    """
    app = apps.ALL.find(task.app_id)
    if app is None or not can_summarize(app, uid=task.uid) or revision(app) != task.revision:
        return "unwanted"
    if not installs.is_enabled(app_id=task.app_id, uid=task.uid):
        return "unwanted"
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    if conversation is None or not is_current(conversation, run=task.run):
        return "not for apps"
    return apply_app(app, conversation, uid=task.uid)


def run_over_earlier(app_id: str, *, uid: str, limit: int) -> int:
    """Have an app that was turned on work on the user's newest conversations, all that it does; how many there are.

    Raises:
        NotFoundError: there is no such app.
        PermissionDeniedError: it is private and somebody else's.
        BadRequestError: it is not turned on, or does nothing with conversations.
    """
    app = visible_enabled_app(app_id, uid=uid)
    summarizes = can_summarize(app, uid=uid)
    listens = realtime.app_address(app, WebhookKind.CONVERSATION, uid=uid) is not None
    if not (summarizes or listens):
        raise BadRequestError("The app does nothing with conversations")
    newest = conversations.list_newest(
        uid=uid, limit=limit, room=Room(0), statuses=[ConversationStatus.COMPLETED], include_discarded=False
    )
    wanted = [conversation for conversation in newest if not conversation.is_locked]
    for conversation in wanted:
        if summarizes:
            tasks.enqueue_app(
                ApplyApp(
                    uid=uid,
                    conversation_id=conversation.id,
                    run=conversation.run,
                    app_id=app.id,
                    revision=revision(app),
                )
            )
        if listens:
            tasks.enqueue_delivery(_delivery(conversation, uid=uid, app_id=app.id))
    return len(wanted)


def _delivery(conversation: Conversation, *, uid: str, app_id: str) -> DeliverWebhook:
    return DeliverWebhook.of_conversation(
        conversation.id, uid=uid, app_id=app_id, run=conversation.run, happened_at=clock.now(), earlier=True
    )
