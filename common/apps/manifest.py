"""The manifest in which an app says which tools chat may call, and how it wants to speak in chats (CONTRACT 2.9)."""

from typing import Any, Literal
from urllib.parse import urljoin

from pydantic import BaseModel, Field, ValidationError

from common.apps.fetch import fetch
from common.core.errors import InvalidInputError, OutsideError
from common.core.outside import check_url
from common.core.settings import settings
from common.models.app import App, ChatTool, ExternalIntegration

_OK = 200
_MOST_TOOLS = 64
_SHOWN_ERRORS = 3
_LONGEST_WRONG = 500


class _Tool(BaseModel):
    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    description: str = Field(max_length=4000)
    endpoint: str = Field(min_length=1, max_length=2048)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    parameters: dict[str, Any] | None = None
    auth_required: bool = True
    status_message: str | None = Field(None, max_length=500)


class _ChatMessages(BaseModel):
    enabled: bool = False
    target: Literal["main", "app"] = "app"
    notify: bool = False


class Manifest(BaseModel):
    """What the app's address answers with."""

    tools: list[_Tool] = Field(default_factory=list, max_length=_MOST_TOOLS)
    chat_messages: _ChatMessages | None = None


def read_manifest(url: str) -> Manifest:
    """Ask the app for its manifest.

    Raises:
        BadRequestError: the address must not be asked.
        OutsideError: it does not answer, or not with a manifest.
    """
    status, body = fetch(url, headers={"accept": "application/json"}, encrypted=True)
    if status != _OK:
        raise OutsideError(f"The manifest's address answered {status}")
    try:
        manifest = Manifest.model_validate_json(body)
    except ValidationError as error:
        raise OutsideError(f"The manifest's address does not answer with a manifest: {_wrong(error)}") from error
    return manifest


def _wrong(error: ValidationError) -> str:
    """The first things that are wrong, and where; nothing of what stands there. Pure."""
    found = error.errors(include_input=False, include_url=False, include_context=False)[:_SHOWN_ERRORS]
    told = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'all of it'}: {each['msg']}" for each in found)
    return told[:_LONGEST_WRONG]


def with_manifest(app: App, manifest: Manifest, *, url: str) -> App:
    """The app with the tools of its manifest; their endpoints may be relative to it.

    Raises:
        InvalidInputError: a tool has an address that must not be asked.
    """
    try:
        tools = [
            ChatTool.model_validate({**tool.model_dump(), "endpoint": urljoin(url, tool.endpoint)})
            for tool in manifest.tools
        ]
    except ValueError as error:
        raise InvalidInputError("A tool's endpoint is no address") from error
    for tool in tools:
        check_url(tool.endpoint, loopback=settings().outside_may_be_here, encrypted=True)
    integration = app.external_integration or ExternalIntegration()
    if manifest.chat_messages is not None:
        integration = integration.model_copy(
            update={
                "chat_messages_enabled": manifest.chat_messages.enabled,
                "chat_messages_target": manifest.chat_messages.target,
                "chat_messages_notify": manifest.chat_messages.notify,
            }
        )
    return app.model_copy(update={"chat_tools": tools, "external_integration": integration})
