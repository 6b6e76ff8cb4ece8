"""A user's own remote MCP server as a private app: added, signed in to, and asked anew what it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from common.apps.mcp import granting
from common.apps.mcp.access import with_access
from common.apps.mcp.asking import LISTED_WITHIN_S, MARKS, list_tools
from common.apps.proposing import as_proposed, changed
from common.apps.showing import own_app
from common.core import clock
from common.core.errors import (
    AuthorizationWantedError,
    BadRequestError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from common.core.outside import check_url
from common.core.settings import settings
from common.database import apps, installs
from common.models.app import PENDING_MCP_AUTH, UNDER_REVIEW, App, ChatTool, ExternalIntegration

if TYPE_CHECKING:
    from common.apps.mcp.granting import Prepared, Returned

MOST_SERVERS = 20
"""That a user may have added."""
_RENEWED_WITHIN_S = 20.0


@dataclass(frozen=True)
class Added:
    """An app with a remote MCP server; `auth_url` is where its user has to go first."""

    app: App
    auth_url: str | None = None


def add_server(name: str, url: str, description: str, *, uid: str, redirect_uri: str) -> Added:
    """Make an app of a server, or have the user sign in there first; one added before stays the same app.

    Args:
        name: what the user calls it.
        url: the server's.
        description: what the user says of it.
        uid: the user.
        redirect_uri: where they come back to after signing in.

    Raises:
        InvalidInputError: the address must not be asked, or signing in is not possible here.
        ConflictError: they have added too many.
        OutsideError: the server, or whoever lets users in there, does not answer as it should.
    """
    url = check_url(url, loopback=settings().outside_may_be_here, encrypted=True).url
    app = _made(name, url, description, uid=uid)
    try:
        tools = _list(app, uid=uid, may_sign_in=True)
    except AuthorizationWantedError as wanted:
        prepared = granting.prepare(url, wanted.challenge, redirect_uri=redirect_uri)
        return _sent(_stored(app.model_copy(update={"status": PENDING_MCP_AUTH})), prepared, uid=uid)
    return Added(_connected(_stored(app), tools, uid=uid))


def refresh_tools(app_id: str, *, uid: str, redirect_uri: str) -> Added:
    """Ask an app's server anew what it offers, or have the user sign in there again, where what they had is over.

    Args:
        app_id: an app of the user's own.
        uid: the user.
        redirect_uri: where they come back to after signing in.

    Raises:
        NotFoundError: there is none.
        PermissionDeniedError: somebody else made it.
        BadRequestError: it has no such server.
        InvalidInputError: the address must not be asked, or signing in is not possible here.
        OutsideError: the server, or whoever lets users in there, does not answer as it should.
    """
    app = own_app(app_id, uid=uid)
    if app.mcp_server_url is None:
        raise BadRequestError("The app has no MCP server")
    try:
        tools = _list(app, uid=uid, may_sign_in=True)
    except AuthorizationWantedError as wanted:
        prepared = granting.prepare(app.mcp_server_url, wanted.challenge, redirect_uri=redirect_uri)
        return _sent(app, prepared, uid=uid)
    return Added(_connected(app, tools, uid=uid))


def finish_adding(returned: Returned) -> App:
    """What follows on a user's return: the app has its tools, and is turned on.

    Raises:
        BadRequestError: nobody waits for this, any more or at all, or the user was refused.
        OutsideError: the server, or whoever lets users in there, does not answer as it should.
    """
    uid, app_id = granting.take_back(returned)
    app = own_app(app_id, uid=uid)
    return _connected(app, _list(app, uid=uid), uid=uid)


def _made(name: str, url: str, description: str, *, uid: str) -> App:
    """The app that a server becomes, as it is or will be."""
    now = clock.now()
    said = {"name": name, "description": description or f"Tools of {urlsplit(url).hostname}", "updated_at": now}
    mine = [app for app in apps.list_of_user(uid=uid) if app.mcp_server_url is not None]
    known = next((app for app in mine if app.mcp_server_url == url), None)
    if known is not None:
        return known.model_copy(update=said)
    if len(mine) >= MOST_SERVERS:
        raise ConflictError(f"There are {MOST_SERVERS} servers already: delete one first")
    return App(
        id=apps.app_id_of("mcp", uid, url),  # asked for twice at once it is one
        uid=uid,
        private=True,
        category="utilities-and-tools",
        capabilities=["external_integration"],
        external_integration=ExternalIntegration(mcp_server_url=url),
        created_at=now,
        **said,
    )


def _stored(app: App) -> App:
    try:
        said = app.model_dump(include={"name", "description", "updated_at"})
        return apps.change(app.id, lambda known: known.model_copy(update=said))
    except NotFoundError:
        return apps.ensure(app)


def _list(app: App, *, uid: str, may_sign_in: bool = False) -> list[ChatTool]:
    """What the app's server offers this user."""
    url = app.mcp_server_url or ""

    def ask(token: str | None) -> list[ChatTool]:
        return list_tools(url, token=token, within_s=LISTED_WITHIN_S)

    try:
        deadline = clock.Deadline.real(_RENEWED_WITHIN_S)
        return with_access(app, ask, uid=uid, deadline=deadline, may_sign_in=may_sign_in)
    except BadRequestError as error:
        raise InvalidInputError(str(error)) from error


def _sent(app: App, prepared: Prepared, *, uid: str) -> Added:
    return Added(app, granting.send_away(prepared, uid=uid, app_id=app.id))


def _connected(app: App, tools: list[ChatTool], *, uid: str) -> App:
    """The app with what its server offers; turned on when that is first known."""
    first = app.status == PENDING_MCP_AUTH or not app.chat_tools

    def with_tools(known: App) -> App:
        status = UNDER_REVIEW if known.status == PENDING_MCP_AUTH else known.status
        update = {"chat_tools": tools, "mcp_marks": MARKS, "status": status, "updated_at": clock.now()}
        return changed(known, as_proposed(known).model_copy(update=update))

    connected = apps.change(app.id, with_tools)
    if first:
        installs.enable(connected, uid=uid)
    return connected
