"""`/v1/apps/mcp`: a remote MCP server of one's own as a private app (CONTRACT sections 3.10 and 6.5)."""

from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from common.apps.mcp.adding import Added, add_server, finish_adding, refresh_tools
from common.apps.mcp.granting import Returned
from common.core.errors import EarshotError
from common.core.logs import bind, get_logger
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User, limit_requests
from common.entry.api.return_page import return_page
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape

router = Router(prefix="/v1/apps", tags=["apps"])

ASKED_PER_HOUR = 60
"""Times that a user may have servers asked: each time reaches out to strangers."""
_HOUR_S = 3600
_CALLBACK = "/v1/apps/mcp/callback"
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_PAGES: dict[int | str, str] = {
    200: "The page: done",
    400: "The page: nobody waits for this, or the user was refused",
    404: "The page: the app is gone",
    502: "The page: a server does not answer as it should",
}


class ServerDraft(BaseModel):
    """A remote MCP server."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S", examples=["Calendar"])
    mcp_server_url: str = Field(
        min_length=1,
        max_length=2048,
        description="Where it speaks MCP over streamable HTTP: `https://mcp.example.com/mcp`, say",
    )
    description: str | None = Field(None, max_length=2000)


class Connected(Shape):
    """The app has the server's tools."""

    status: Literal["ok"] = "ok"
    app_id: str
    requires_oauth: Literal[False] = False
    tools_count: int
    tool_names: list[str]


class SignInNeeded(Shape):
    """The user has to go to `auth_url`, in a browser, and will come back from there to a page that says how it went."""

    status: Literal["ok"] = "ok"
    app_id: str
    requires_oauth: Literal[True] = True
    auth_url: str


@router.post("/mcp", responses=responses(401, 409, 429, 502))
def add(user: User, base_url: BaseUrl, body: ServerDraft) -> Connected | SignInNeeded:
    """Add a remote MCP server as a private app, which is turned on once its tools are known."""
    limit_requests("mcp:ask", subject=user, limit=ASKED_PER_HOUR, window_s=_HOUR_S)
    return _told(
        add_server(
            body.name.strip(),
            body.mcp_server_url,
            (body.description or "").strip(),
            uid=user,
            redirect_uri=f"{base_url}{_CALLBACK}",
        )
    )


@router.get(
    "/mcp/callback",
    response_class=Response,  # what does not fit the description is answered in JSON
    responses={
        **responses(),
        **{status: {"description": said, "content": _PAGE} for status, said in _PAGES.items()},
    },
)
def callback(
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=8192)] = "",
    iss: Annotated[str | None, Query(max_length=2048)] = None,
    error: Annotated[str, Query(max_length=500, description="Why there is no code")] = "",
) -> HTMLResponse:
    """Where a user comes back to after signing in at an authorization server: a page that says how it went."""
    bind(step="mcp_callback")
    try:
        app = finish_adding(Returned(state=state, code="" if error else code, issuer=iss))
    except EarshotError as failed:
        get_logger().info("mcp_sign_in_failed", error=type(failed).__name__)
        if failed.retryable:
            raise
        return return_page("That did not work", str(failed), status=failed.status if failed.status in _PAGES else 502)
    text = f"{app.name} is connected, with {len(app.chat_tools)} tools. You can close this page."
    return return_page("Done", text)


@router.post("/{app_id}/mcp/refresh", responses=responses(400, 401, 403, 404, 429, 502))
def refresh(user: User, base_url: BaseUrl, app_id: str) -> Connected | SignInNeeded:
    """Ask the server of an app of one's own anew what it offers; says where to sign in, where that is needed."""
    limit_requests("mcp:ask", subject=user, limit=ASKED_PER_HOUR, window_s=_HOUR_S)
    return _told(refresh_tools(app_id, uid=user, redirect_uri=f"{base_url}{_CALLBACK}"))


def _told(added: Added) -> Connected | SignInNeeded:
    if added.auth_url is not None:
        return SignInNeeded(app_id=added.app.id, auth_url=added.auth_url)
    names = [tool.name for tool in added.app.chat_tools]
    return Connected(app_id=added.app.id, tools_count=len(names), tool_names=names)
