"""What a maker does with an app: make it, change it, show it or hide it, read its manifest, delete it."""

from typing import Any

from common.apps import images
from common.apps.drafts import AppChange, AppDraft
from common.apps.manifest import read_manifest, with_manifest
from common.apps.mcp.ending import disconnect
from common.apps.persona_prompts import learns, refresh_persona, with_privacy
from common.apps.proposing import as_proposed, changed
from common.apps.showing import own_app
from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import BadRequestError, EarshotError
from common.core.logs import get_logger
from common.database import apps, webhook_health
from common.models.app import App


def make_app(draft: AppDraft, image: bytes, *, uid: str, app_id: str | None = None) -> App:
    """A new app, which nobody but its maker sees until it is approved.

    Args:
        draft: what it is.
        image: its picture.
        uid: whose it is.
        app_id: its id, for one that there shall be once; else a new one.

    Raises:
        InvalidInputError: it breaks a rule.
    """
    app = App(id=app_id or apps.new_app_id(), uid=uid, created_at=clock.now(), updated_at=clock.now())
    made = apps.find_made(app.id, uid=uid)
    if made is not None:
        return made
    app = draft.applied(app)
    app = app.model_copy(update={"image": images.keep_image(image, folder=app.id)})
    return apps.ensure(_with_tools(app))


def change_app(app_id: str, change: AppChange, image: bytes | None, *, uid: str) -> App:
    """Change what the maker says about it; of one that everybody may use, what acts waits for a review.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
        InvalidInputError: it would break a rule.
    """
    known = own_app(app_id, uid=uid)
    before = as_proposed(known)
    planned = change.applied(before)
    if _manifest_url(planned) != _manifest_url(before):
        planned = _with_tools(planned)
    name = images.keep_image(image, folder=app_id) if image is not None else None

    def decide(app: App) -> App:
        update: dict[str, Any] = {"updated_at": clock.now()} | ({"image": name} if name else {})
        wanted = change.applied(as_proposed(app))
        if _manifest_url(wanted) == _manifest_url(planned):
            update["chat_tools"] = planned.chat_tools
        return changed(app, wanted.model_copy(update=update))

    after = apps.change(app_id, decide)
    if _webhook_url(after) != _webhook_url(known):
        webhook_health.forget(webhook_health.of_app(app_id))  # how the one before did says nothing of it
    return after


def set_visibility(app_id: str, *, private: bool, uid: str) -> None:
    """Hide it from everybody else, or hand it in to be shown.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
    """
    own_app(app_id, uid=uid)

    def decide(app: App) -> App:
        wanted = with_privacy(as_proposed(app), private=private)
        return changed(app, wanted.model_copy(update={"updated_at": clock.now()}))

    after = apps.change(app_id, decide)
    if learns(after):
        refresh_persona(uid=uid)


def refresh_manifest(app_id: str, *, uid: str) -> int:
    """Read the app's tools anew; how many there are. Those of an app that everybody may use wait for a review.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
        BadRequestError: it names no manifest, or one that must not be asked for.
        InvalidInputError: a tool has an address that must not be asked.
        OutsideError: the manifest cannot be had.
    """
    url = _manifest_url(as_proposed(own_app(app_id, uid=uid)))
    if url is None:
        raise BadRequestError("The app names no manifest")
    manifest = read_manifest(url)
    apps.change(app_id, lambda app: changed(app, with_manifest(as_proposed(app), manifest, url=url)))
    return len(manifest.tools)


def delete_app(app_id: str, *, uid: str) -> None:
    """Delete it with its reviews, keys and pictures, and what its maker was granted for it elsewhere.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
    """
    own_app(app_id, uid=uid)
    apps.delete(app_id)
    deletions.tell(Deletion.APP, app_id, uid=uid)
    disconnect(app_id, uid=uid)
    images.forget_images(folder=app_id)


def _with_tools(app: App) -> App:
    """The app with its tools, if they can be had; a maker whose server is away may refresh them later."""
    url = _manifest_url(app)
    if url is None:
        return app.model_copy(update={"chat_tools": []})
    try:
        return with_manifest(app, read_manifest(url), url=url)
    except EarshotError as error:
        get_logger().warning("manifest_unavailable", app_id=app.id, error=type(error).__name__)
        return app.model_copy(update={"chat_tools": []})


def _webhook_url(app: App) -> str | None:
    return app.external_integration.webhook_url if app.external_integration else None


def _manifest_url(app: App) -> str | None:
    return app.external_integration.chat_tools_manifest_url if app.external_integration else None
