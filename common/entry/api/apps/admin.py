"""What administrators decide about apps (CONTRACT section 3.10)."""

from typing import Annotated

from fastapi import Query

from common.apps.judging import judge_app, list_waiting, set_popular
from common.apps.proposing import version_of
from common.apps.showing import view
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import Admin
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app import App, AppView

router = Router(prefix="/v1/apps", tags=["administration"], dependencies=[Admin], responses=responses(403))

_Version = Annotated[
    str | None,
    Query(
        max_length=100,
        description="What was looked at, as the list of those that wait names it; without it, whatever waits by now",
    ),
]


class WaitingApp(AppView):
    """An app that waits for a decision."""

    version: str
    """What is decided on: another one is to do something else."""

    @classmethod
    def of(cls, app: App, *, base_url: str) -> "WaitingApp":
        """As it is to become."""
        shown = view(app, uid=app.uid or "", base_url=base_url)
        return cls.model_validate({**dict(shown), "version": version_of(app)})


@router.get("/public/unapproved")
def waiting(base_url: BaseUrl, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[WaitingApp]:
    """Public apps that wait for a decision, as they are to become, with everything that their makers see."""
    return [WaitingApp.of(app, base_url=base_url) for app in list_waiting(limit=limit)]


@router.post("/{app_id}/approve", responses=responses(404, 409))
def approve(app_id: str, version: _Version = None) -> Ok:
    """Let everybody see an app, or a change of one."""
    judge_app(app_id, approved=True, version=version)
    return Ok()


@router.post("/{app_id}/reject", responses=responses(404, 409))
def reject(app_id: str, version: _Version = None) -> Ok:
    """Let nobody but its maker see an app; where a change of one waits, it goes on as it was before."""
    judge_app(app_id, approved=False, version=version)
    return Ok()


@router.patch("/{app_id}/popular", responses=responses(404))
def popular(app_id: str, *, value: Annotated[bool, Query()] = True) -> Ok:
    """Put an app forward, or no longer."""
    set_popular(app_id, popular=value)
    return Ok()
