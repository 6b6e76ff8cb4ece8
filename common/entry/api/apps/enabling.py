"""`/v1/apps/enable`, `/v1/apps/disable` (CONTRACT sections 3.10 and 8.7)."""

from typing import Annotated

from fastapi import Query

from common.apps.enabling import enable_app
from common.database import installs
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses

router = Router(prefix="/v1/apps", tags=["apps"], responses=responses(401, 404))

AppId = Annotated[str, Query(min_length=1, max_length=200, examples=["01J9ZQ3TB4Y2M4N8S0X7K6R5VW"])]


@router.post("/enable", responses=responses(400, 403))
def enable(user: User, app_id: AppId) -> Ok:
    """Turn an app on; its own setup has to be completed before."""
    enable_app(app_id, uid=user)
    return Ok()


@router.post("/disable")
def disable(user: User, app_id: AppId) -> Ok:
    """Turn an app off, whatever has become of it."""
    installs.disable(app_id=app_id, uid=user)
    return Ok()
