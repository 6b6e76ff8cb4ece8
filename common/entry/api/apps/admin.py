"""What administrators decide about apps (CONTRACT section 3.10)."""

from typing import Annotated

from fastapi import Query

from common.apps.judging import judge_app, list_waiting, set_popular
from common.apps.showing import view
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import Admin
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app import AppView

router = Router(prefix="/v1/apps", tags=["administration"], dependencies=[Admin], responses=responses(403))


@router.get("/public/unapproved")
def waiting(base_url: BaseUrl, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[AppView]:
    """Public apps that wait for a decision, as they are to become, with everything that their makers see."""
    return [view(app, uid=app.uid or "", base_url=base_url) for app in list_waiting(limit=limit)]


@router.post("/{app_id}/approve", responses=responses(404))
def approve(app_id: str) -> Ok:
    """Let everybody see an app, or a change of one."""
    judge_app(app_id, approved=True)
    return Ok()


@router.post("/{app_id}/reject", responses=responses(404))
def reject(app_id: str) -> Ok:
    """Let nobody but its maker see an app; where a change of one waits, it goes on as it was before."""
    judge_app(app_id, approved=False)
    return Ok()


@router.patch("/{app_id}/popular", responses=responses(404))
def popular(app_id: str, *, value: Annotated[bool, Query()] = True) -> Ok:
    """Put an app forward, or no longer."""
    set_popular(app_id, popular=value)
    return Ok()
