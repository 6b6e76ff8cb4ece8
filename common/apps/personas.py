"""Personas: apps that speak like somebody, found by a handle of their own."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import count, islice
from typing import Annotated

from pydantic import BaseModel, Field

from common.apps import images
from common.apps.drafts import Description, Name, Prompt
from common.apps.persona_prompts import learns, refresh_persona, with_privacy
from common.apps.showing import own_app
from common.core import clock
from common.core.errors import NotFoundError
from common.core.ids import derived_id, new_id
from common.database import apps
from common.models.app import PERSONA, App

LONGEST_USERNAME = 60
CATEGORY = "personality-emulation"
_NUMBERED = 20
"""Handles tried with a number at the end before a random one is given."""
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.-]+")


class PersonaChange(BaseModel):
    """What a maker changes about a persona; what is left out stays."""

    name: Name | None = None
    description: Description | None = None
    private: bool | None = None
    persona_prompt: Prompt = None
    connected_accounts: list[Annotated[str, Field(max_length=200)]] | None = Field(None, max_length=10)


class PersonaDraft(PersonaChange):
    """A new persona."""

    name: Name
    username: str | None = Field(None, max_length=LONGEST_USERNAME, examples=["ada"])


def make_persona(draft: PersonaDraft, image: bytes | None, *, uid: str, app_id: str | None = None) -> App:
    """A new persona, under the handle asked for or the next like it that is free.

    Args:
        draft: who it is.
        image: what it looks like.
        uid: whose it is.
        app_id: its id, for one that there shall be once; else a new one.
    """
    app_id = app_id or apps.new_app_id()
    app = App(
        id=app_id,
        uid=uid,
        name=draft.name,
        description=draft.description or draft.name,
        category=CATEGORY,
        capabilities=[PERSONA],
        private=True if draft.private is None else draft.private,
        persona_prompt=draft.persona_prompt,
        connected_accounts=draft.connected_accounts or [],
        image=images.keep_image(image, folder=app_id) if image is not None else "",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    created = apps.ensure_persona(app, candidates(draft.username or draft.name))
    if created.persona_prompt is not None:
        return created
    refresh_persona(uid=uid)
    return apps.get(app_id)


def change_persona(persona_id: str, change: PersonaChange, image: bytes | None, *, uid: str) -> App:
    """Change what the maker says about a persona.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
    """
    if not own_app(persona_id, uid=uid).is_persona:
        raise NotFoundError("Persona not found")
    update = {name: value for name, value in change.model_dump(exclude_unset=True).items() if value is not None}
    update["updated_at"] = clock.now()
    if image is not None:
        update["image"] = images.keep_image(image, folder=persona_id)
    if "persona_prompt" in update:
        update["persona_prompt_learnt"] = False

    def changed(app: App) -> App:
        return with_privacy(app, private=update.get("private", app.private)).model_copy(update=update)

    persona = apps.change(persona_id, changed)
    if not learns(persona):
        return persona
    refresh_persona(uid=uid)
    return apps.get(persona_id)


def find_persona(*, uid: str) -> App:
    """The user's persona, the newest where there are several.

    Raises:
        NotFoundError: there is none.
    """
    for app in apps.list_of_user(uid=uid):
        if app.is_persona:
            return app
    raise NotFoundError("Persona not found")


def ensure_persona(*, uid: str) -> App:
    """The user's persona; where there is none, a private one is made, once."""
    try:
        return find_persona(uid=uid)
    except NotFoundError:
        return make_persona(PersonaDraft(name="My persona"), None, uid=uid, app_id=derived_id("persona", uid))


def candidates(wanted: str) -> Iterator[str]:
    """Handles for a name: as it is, then with a number, at last with something random. Pure but for the last."""
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode().casefold().replace(" ", "-")
    base = _NOT_ALLOWED.sub("", plain).strip("._-")[: LONGEST_USERNAME - 10] or "persona"
    yield base
    yield from (f"{base}{number}" for number in islice(count(1), _NUMBERED))
    while True:
        yield f"{base}-{new_id()[:8]}"
