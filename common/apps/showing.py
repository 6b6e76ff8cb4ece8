"""An app as one user sees it: whether at all, what of it, and what is theirs about it."""

from collections.abc import Sequence

from common.apps import images
from common.apps.proposing import as_proposed
from common.core.errors import PermissionDeniedError
from common.database import apps, installs, reviews
from common.models.app import App, AppView
from common.models.app_review import AppReview


def visible_app(app_id: str, *, uid: str) -> App:
    """The app, if this user may see it.

    Raises:
        NotFoundError: there is none, or it is not approved and somebody else's.
        PermissionDeniedError: it is private and somebody else's.
    """
    app = apps.get(app_id)
    if app.owned_by(uid):
        return app
    if app.private:
        raise PermissionDeniedError("The app is private")
    if not app.approved:
        raise apps.ALL.missing()
    return app


def own_app(app_id: str, *, uid: str) -> App:
    """The app, if this user made it.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
    """
    app = visible_app(app_id, uid=uid)
    if not app.owned_by(uid):
        raise PermissionDeniedError("Only its maker may do this")
    return app


def show_app(app_id: str, *, uid: str, base_url: str) -> AppView:
    """One app, with its latest reviews.

    Raises:
        NotFoundError: there is none, or it is not approved and somebody else's.
        PermissionDeniedError: it is private and somebody else's.
    """
    return show_apps([visible_app(app_id, uid=uid)], uid=uid, base_url=base_url, with_reviews=True)[0]


def show_apps(found: Sequence[App], *, uid: str, base_url: str, with_reviews: bool = False) -> list[AppView]:
    """Apps as this user sees them.

    Args:
        found: apps that the user may see.
        uid: the user.
        base_url: where clients reach this backend, without a slash at the end.
        with_reviews: whether to tell what others and this user think of them.
    """
    enabled = installs.enabled_ids(uid=uid)
    own = reviews.list_of_user(uid=uid) if with_reviews and found else {}
    return [
        view(
            app if with_reviews else app.model_copy(update={"reviews": []}),
            uid=uid,
            base_url=base_url,
            enabled=app.id in enabled,
            user_review=own.get(app.id),
        )
        for app in found
    ]


def view(app: App, *, uid: str, base_url: str, enabled: bool = False, user_review: AppReview | None = None) -> AppView:
    """One app as one user sees it. Pure.

    Where its webhooks and tools live, how to reach its maker and what makes a persona speak as it does is the maker's
    alone, and so is what waits for a review.
    """
    fields = (as_proposed(app) if app.owned_by(uid) else app).model_dump()
    folder = images.thumbnails_folder(app.uid or "")
    if not app.owned_by(uid):
        tools = [{**tool, "endpoint": ""} for tool in fields["chat_tools"]]
        fields |= {"email": None, "persona_prompt": None, "disabled_error": None, "chat_tools": tools}
        if app.external_integration is not None:
            hidden = {"webhook_url": None, "mcp_server_url": None, "chat_tools_manifest_url": None}
            fields["external_integration"] |= hidden
    return AppView.model_validate(
        {
            **fields,
            "image": images.image_url(app.image, app_id=app.id, base_url=base_url),
            "thumbnail_urls": [images.address(name, folder=folder, base_url=base_url) for name in app.thumbnails],
            "enabled": enabled,
            "user_review": user_review,
        }
    )
