"""`/v1/apps/{id}`: read, make, change, hide, delete (CONTRACT section 3.10)."""

from typing import Annotated, Literal

from fastapi import Form, Query
from pydantic import Json

from common.apps.drafts import AppChange, AppDraft
from common.apps.making import change_app, delete_app, make_app, refresh_manifest, set_visibility
from common.apps.showing import show_app
from common.entry.api.apps.asking import limit_asking
from common.entry.api.apps.uploads import Picture, PictureOrNone, app_id_for, once_per_form, read_picture
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.once import IdempotencyKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app import AppView
from common.models.base import Shape

router = Router(prefix="/v1/apps", tags=["apps"], responses=responses(401))


class Made(Shape):
    """The new app."""

    status: Literal["ok"] = "ok"
    app_id: str


class Refreshed(Shape):
    """The tools were read anew."""

    status: Literal["ok"] = "ok"
    tools_count: int


@router.post("", responses=responses(400, 409, 429))
def make(
    user: User,
    app_data: Annotated[Json[AppDraft], Form(description="What the app is, as JSON")],
    file: Picture,
    key: IdempotencyKey = None,
) -> Made:
    """Make an app, which others see once it is approved."""
    limit_asking(user)
    image = read_picture(file)
    once = once_per_form(key, route="POST /v1/apps", said=app_data, picture=image)
    return once(Made, lambda: Made(app_id=make_app(app_data, image, uid=user, app_id=app_id_for(once)).id), uid=user)


@router.get("/{app_id}", responses=responses(403, 404))
def get(user: User, base_url: BaseUrl, app_id: str) -> AppView:
    """One app, with its latest reviews."""
    return show_app(app_id, uid=user, base_url=base_url)


@router.patch("/{app_id}", responses=responses(400, 403, 404, 429))
def change(
    user: User,
    app_id: str,
    app_data: Annotated[Json[AppChange], Form(description="What is changed, as JSON")],
    file: PictureOrNone = None,
) -> Ok:
    """Change what is said about an app of one's own."""
    limit_asking(user)
    change_app(app_id, app_data, read_picture(file) if file is not None else None, uid=user)
    return Ok()


@router.delete("/{app_id}", responses=responses(403, 404))
def delete(user: User, app_id: str) -> Ok:
    """Delete an app of one's own, with its reviews and keys."""
    delete_app(app_id, uid=user)
    return Ok()


@router.patch("/{app_id}/change-visibility", responses=responses(403, 404))
def change_visibility(user: User, app_id: str, *, private: Annotated[bool, Query()]) -> Ok:
    """Hide an app of one's own from others, or let them see it."""
    set_visibility(app_id, private=private, uid=user)
    return Ok()


@router.post("/{app_id}/refresh-manifest", responses=responses(400, 403, 404, 429, 502))
def refresh(user: User, app_id: str) -> Refreshed:
    """Read the manifest of an app of one's own anew."""
    limit_asking(user)
    return Refreshed(tools_count=refresh_manifest(app_id, uid=user))
