"""`/v1/personas`: apps that speak like somebody (CONTRACT section 3.10)."""

from typing import Annotated, Literal

from fastapi import Form, Query
from pydantic import Json

from common.apps.personas import (
    LONGEST_USERNAME,
    PersonaChange,
    PersonaDraft,
    candidates,
    change_persona,
    ensure_persona,
    find_persona,
    make_persona,
)
from common.apps.showing import show_apps
from common.database import usernames
from common.entry.api.apps.uploads import Picture, PictureOrNone, app_id_for, once_per_form, read_picture
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.once import IdempotencyKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.app import App, AppView
from common.models.base import Shape

router = Router(tags=["apps"], responses=responses(401))


class PersonaMade(Shape):
    """The new persona; the handle may be another than was asked for."""

    status: Literal["ok"] = "ok"
    app_id: str
    username: str

    @classmethod
    def of(cls, persona: App) -> "PersonaMade":
        """What is told of a new persona."""
        return cls(app_id=persona.id, username=persona.username or "")


class Taken(Shape):
    """Whether a handle is taken."""

    is_taken: bool


@router.post("/v1/personas", responses=responses(400, 409))
def make(
    user: User,
    persona_data: Annotated[Json[PersonaDraft], Form(description="Who it is, as JSON")],
    file: Picture,
    key: IdempotencyKey = None,
) -> PersonaMade:
    """Make a persona."""
    image = read_picture(file)
    once = once_per_form(key, route="POST /v1/personas", said=persona_data, picture=image)

    def work() -> PersonaMade:
        return PersonaMade.of(make_persona(persona_data, image, uid=user, app_id=app_id_for(once)))

    return once(PersonaMade, work, uid=user)


@router.get("/v1/personas", responses=responses(404))
def get_own(user: User, base_url: BaseUrl) -> AppView:
    """The user's persona."""
    return show_apps([find_persona(uid=user)], uid=user, base_url=base_url, with_reviews=True)[0]


@router.patch("/v1/personas/{persona_id}", responses=responses(400, 403, 404))
def change(
    user: User,
    persona_id: str,
    persona_data: Annotated[Json[PersonaChange], Form(description="What is changed, as JSON")],
    file: PictureOrNone = None,
) -> Ok:
    """Change a persona of one's own."""
    change_persona(persona_id, persona_data, read_picture(file) if file is not None else None, uid=user)
    return Ok()


@router.post("/v1/user/persona")
def get_or_make(user: User, base_url: BaseUrl) -> AppView:
    """The user's persona; a private one is made where there is none."""
    return show_apps([ensure_persona(uid=user)], uid=user, base_url=base_url)[0]


@router.get("/v1/apps/check-username")
def check_username(_: User, username: Annotated[str, Query(min_length=1, max_length=LONGEST_USERNAME)]) -> Taken:
    """Whether some persona has this handle, as it would be written: `Äda` is `ada`."""
    return Taken(is_taken=usernames.is_taken(next(candidates(username))))
