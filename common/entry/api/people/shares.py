"""`/v1/users/shares`: what the user shows to whoever has a token, which is taken back here."""

from typing import Annotated, Literal

from fastapi import Path

from common.database import token_shares
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Moment, Shape
from common.models.token_share import TokenShare

router = Router(prefix="/v1/users/shares", tags=["settings"], responses=responses(401))


class ShareView(Shape):
    """Something that is shown to whoever has its token, which is not told again; until `expires_at`."""

    id: str
    kind: Literal["messages", "action_items"]
    count: int
    created_at: Moment
    expires_at: Moment


@router.get("")
def list_newest(user: User) -> list[ShareView]:
    """What the user shows now, the newest first; shared conversations say so themselves."""
    return [_view(share) for share in token_shares.list_of(uid=user)]


@router.delete("/{share_id}", responses=responses(404))
def take_back(user: User, share_id: Annotated[str, Path(description="Its id, or its token")]) -> Done:
    """Show it to nobody any more; what somebody has taken over is theirs."""
    token_shares.take_back(share_id, uid=user)
    return Done()


def _view(share: TokenShare) -> ShareView:
    shown = share.message_ids or share.action_item_ids
    return ShareView(
        id=share.id,
        kind="messages" if share.message_ids else "action_items",
        count=len(shown),
        created_at=share.created_at,
        expires_at=share.expire_at,
    )
