"""`/v1/users/fcm-token`: where a device can be reached by push."""

from typing import Annotated

from fastapi import Header
from pydantic import BaseModel, Field

from common.core import clock
from common.core.ids import digest
from common.database import fcm_tokens, users
from common.entry.api.identity import User
from common.entry.api.people.profile import TimeZone
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.fcm_token import FcmToken
from common.users.evenings import move_evening

router = Router(prefix="/v1/users", tags=["notifications"], responses=responses(401))

_NAME = r"^[A-Za-z0-9._:-]{1,128}$"


class Registration(BaseModel):
    """A device's token and where it is."""

    fcm_token: str = Field(min_length=1, max_length=4096, examples=["dGhpcyBpcyBub3QgYSB0b2tlbg"])
    time_zone: TimeZone | None = None


@router.post("/fcm-token")
def register(
    user: User,
    body: Registration,
    platform: Annotated[str | None, Header(alias="X-App-Platform", pattern=_NAME)] = None,
    device: Annotated[str | None, Header(alias="X-Device-Id-Hash", pattern=_NAME)] = None,
) -> Ok:
    """Reach this device by push, in place of what it registered before."""
    system = platform or "unknown"
    token = FcmToken(
        id=f"{system}_{device or digest(body.fcm_token)}",
        token=body.fcm_token,
        time_zone=body.time_zone,
        platform=system,
        created_at=clock.now(),
    )
    fcm_tokens.register(token, uid=user)
    if body.time_zone is not None:
        users.change(uid=user, time_zone=body.time_zone)
        move_evening(uid=user)
    return Ok()
