"""Messages of the chat that a user shows to others, by an address that says who may read them."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from common.chat.sharing import share_messages, view_shared_messages
from common.entry.api.base_url import BaseUrl
from common.entry.api.chat.chosen import LONGEST_ID
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Moment, Shape
from common.models.chat import MessageSender

router = Router(prefix="/v2/messages", tags=["chat"], responses=responses())

_LARGEST_SHARE = 100

MessageId = Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
Token = Annotated[str, Path(min_length=1, max_length=200)]


class ShareMessagesRequest(BaseModel):
    """Which messages to show to others."""

    message_ids: list[MessageId] = Field(min_length=1, max_length=_LARGEST_SHARE)


class SharedAt(Shape):
    """Where whoever has the token reads them, for 30 days or until it is taken back."""

    url: str
    token: str


class SharedMessage(Shape):
    """All that is shown of a shared message."""

    id: str
    text: str
    sender: MessageSender
    created_at: Moment


class SharedMessages(Shape):
    """Who shares what."""

    sender_name: str
    messages: list[SharedMessage]
    count: int


@router.post("/share", responses=responses(401, 404))
def share(user: User, body: ShareMessagesRequest, base_url: BaseUrl) -> SharedAt:
    """Show up to 100 messages to whoever has the token."""
    token = share_messages(uid=user, message_ids=body.message_ids)
    return SharedAt(url=f"{base_url}/v2/messages/shared/{token}", token=token)


@router.get("/shared/{token}", responses=responses(404))
def view_shared(token: Token) -> SharedMessages:
    """What somebody shares; no sign-in needed."""
    seen = view_shared_messages(token)
    shown = [
        SharedMessage(id=each.id, text=each.text, sender=each.sender, created_at=each.created_at)
        for each in seen.messages
    ]
    return SharedMessages(sender_name=seen.sender_name, messages=shown, count=len(shown))
