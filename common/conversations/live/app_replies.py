"""What apps say about a conversation that is done, waited for a little, so that the client hears of both at once.

No longer than a few seconds, and only where an app listens: whatever an app says later stands in its chat all the same.
"""

import asyncio

from common.conversations.live.retrying import until_done
from common.core.clock import Deadline
from common.database import claims, conversations, messages, realtime
from common.models.chat import Message, app_message_id
from common.models.conversation import ConversationStatus
from common.models.events import DELIVERING, DeliverWebhook
from common.models.webhook import WebhookKind

PATIENCE_S = 5.0
"""Real seconds that an answer is waited for."""
_ASKED_EVERY_S = 0.5


async def await_replies(*, uid: str, conversation_id: str) -> list[Message]:
    """What the apps that listen have said, as far as they have by now."""
    deadline = Deadline.real(PATIENCE_S)
    expected = await until_done(_expected, uid=uid, conversation_id=conversation_id)
    open_ = expected
    while open_ and not deadline.passed:
        await asyncio.sleep(_ASKED_EVERY_S)
        open_ = [each for each in open_ if not await until_done(_is_made, each, uid=uid)]
    if len(open_) < len(expected):
        await asyncio.sleep(_ASKED_EVERY_S)  # what is said is stored a moment after the delivery is noted
    return await until_done(_said, expected, uid=uid) if expected else []


def _expected(*, uid: str, conversation_id: str) -> list[str]:
    """The deliveries that apps may answer."""
    listening = [
        each.app_id
        for each in realtime.listeners(uid=uid)
        if each.kind is WebhookKind.CONVERSATION and each.app_id is not None
    ]
    conversation = conversations.find(uid=uid, conversation_id=conversation_id) if listening else None
    if conversation is None or conversation.status is not ConversationStatus.COMPLETED:
        return []
    if conversation.discarded or conversation.is_locked:
        return []
    return [
        DeliverWebhook.of_conversation(
            conversation_id, uid=uid, app_id=app_id, run=conversation.run, happened_at=conversation.created_at
        ).delivery_id
        for app_id in listening
    ]


def _is_made(delivery_id: str, *, uid: str) -> bool:
    return claims.is_done(uid=uid, step=DELIVERING, subject=delivery_id, run=0)


def _said(delivery_ids: list[str], *, uid: str) -> list[Message]:
    return messages.of(uid=uid).find_many([app_message_id(each) for each in delivery_ids])
