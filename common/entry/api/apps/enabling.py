"""`/v1/apps/enable`, `/v1/apps/disable` (CONTRACT sections 3.10 and 8.7)."""

from typing import Annotated, Literal

from fastapi import Query

from common.apps import running
from common.apps.enabling import enable_app
from common.database import installs
from common.entry.api.apps.asking import limit_asking
from common.entry.api.identity import User, limit_requests
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.base import Shape

router = Router(prefix="/v1/apps", tags=["apps"], responses=responses(401, 404))

AppId = Annotated[str, Query(min_length=1, max_length=200, examples=["01J9ZQ3TB4Y2M4N8S0X7K6R5VW"])]


MOST_EARLIER = 100
"""Conversations that an app works on at once."""
RUNS_PER_HOUR = 10
"""Of a user."""
_HOUR_S = 3600


class Running(Shape):
    """On its way, with so many conversations."""

    status: Literal["ok"] = "ok"
    conversations: int


@router.post("/enable", responses=responses(400, 403, 429))
def enable(user: User, app_id: AppId) -> Ok:
    """Turn an app on; its own setup has to be completed before."""
    limit_asking(user)
    enable_app(app_id, uid=user)
    return Ok()


@router.post("/{app_id}/run", responses=responses(400, 403, 429))
def run_over_earlier(
    user: User,
    app_id: str,
    limit: Annotated[int, Query(ge=1, le=MOST_EARLIER, description="The newest conversations, so many")] = 20,
) -> Running:
    """Have an app that is turned on work on earlier conversations, too; answers at once, while that is under way."""
    limit_requests("app:run", subject=user, limit=RUNS_PER_HOUR, window_s=_HOUR_S)
    return Running(conversations=running.run_over_earlier(app_id, uid=user, limit=limit))


@router.post("/disable")
def disable(user: User, app_id: AppId) -> Ok:
    """Turn an app off, whatever has become of it."""
    installs.disable(app_id=app_id, uid=user)
    return Ok()
