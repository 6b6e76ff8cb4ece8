"""Action items that users show to each other (CONTRACT section 3.3)."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from common.action_items.sharing import accept_share, share_action_items, view_share
from common.entry.api.base_url import BaseUrl
from common.entry.api.facts.fields import DocumentId
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Moment, Shape

router = Router(prefix="/v1/action-items", tags=["action items"], responses=responses())

_LARGEST_SHARE = 20

Token = Annotated[str, Field(min_length=1, max_length=200)]


class ShareRequest(BaseModel):
    """Which action items to show to others."""

    task_ids: list[DocumentId] = Field(min_length=1, max_length=_LARGEST_SHARE)


class Shared(Shape):
    """Where whoever has the token sees them, for 30 days or until it is taken back."""

    url: str
    token: str


class SharedItem(Shape):
    """All that is shown of a shared action item."""

    description: str
    due_at: Moment | None


class SharedItems(Shape):
    """Who shares what."""

    sender_name: str
    tasks: list[SharedItem]
    count: int


class AcceptRequest(BaseModel):
    """Which share to take over."""

    token: Token


class Accepted(Shape):
    """The ids of the copies in the user's own list."""

    created: list[str]
    count: int


@router.post("/share", responses=responses(401, 402, 404))
def share(user: User, body: ShareRequest, base_url: BaseUrl) -> Shared:
    """Show up to 20 action items to whoever has the token."""
    token = share_action_items(uid=user, action_item_ids=body.task_ids)
    return Shared(url=f"{base_url}/v1/action-items/shared/{token}", token=token)


@router.get("/shared/{token}", responses=responses(404))
def view_shared(token: Annotated[Token, Path()]) -> SharedItems:
    """What somebody shares; no sign-in needed."""
    seen = view_share(token)
    tasks = [SharedItem(description=item.description, due_at=item.due_at) for item in seen.items]
    return SharedItems(sender_name=seen.sender_name, tasks=tasks, count=len(tasks))


@router.post("/accept", responses=responses(400, 401, 404, 409))
def accept(user: User, body: AcceptRequest) -> Accepted:
    """Take what somebody shares over into the user's own list, once."""
    copies = accept_share(body.token, uid=user)
    return Accepted(created=[item.id for item in copies], count=len(copies))
