"""`/v1/dev/keys` and `/v1/mcp/keys`: a user's keys for programs (CONTRACT section 4.1).

Creating one takes no `Idempotency-Key`: repeating the answer would mean to store the key itself.
"""

from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field, StringConstraints

from common.accounts.keys import create_key
from common.database import api_keys
from common.database.api_keys import KeyKind
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.api_key import ApiKeyView, CreatedApiKey, Scope

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewMcpKey(BaseModel):
    """What a new MCP key is called."""

    name: Name = Field(examples=["My assistant"])


class NewDeveloperKey(BaseModel):
    """What a new developer key is called, and what it may do; by default it reads."""

    name: Name = Field(examples=["omi-cli (laptop)"])
    scopes: list[Scope] | None = Field(None, max_length=len(Scope), examples=[["memories:read", "memories:write"]])


developer = Router(prefix="/v1/dev/keys", tags=["keys"], responses=responses(401))
mcp = Router(prefix="/v1/mcp/keys", tags=["keys"], responses=responses(401))


@developer.get("")
def list_developer_keys(user: User) -> list[ApiKeyView]:
    """The user's developer keys, newest first; never the keys themselves."""
    return list(api_keys.list_of_user(KeyKind.DEVELOPER, uid=user))


@developer.post("", responses=responses(409))
def create_developer_key(user: User, body: NewDeveloperKey) -> CreatedApiKey:
    """Make a developer key. The answer is the only place where it stands in full."""
    return create_key(KeyKind.DEVELOPER, uid=user, name=body.name, scopes=body.scopes)


@developer.delete("/{key_id}", status_code=204, response_class=Response, responses=responses(404))
def revoke_developer_key(user: User, key_id: str) -> None:
    """Refuse this key from now on."""
    api_keys.revoke(KeyKind.DEVELOPER, key_id=key_id, uid=user)


@mcp.get("")
def list_mcp_keys(user: User) -> list[ApiKeyView]:
    """The user's MCP keys, newest first; never the keys themselves."""
    return list(api_keys.list_of_user(KeyKind.MCP, uid=user))


@mcp.post("", responses=responses(409))
def create_mcp_key(user: User, body: NewMcpKey) -> CreatedApiKey:
    """Make an MCP key. The answer is the only place where it stands in full."""
    return create_key(KeyKind.MCP, uid=user, name=body.name)


@mcp.delete("/{key_id}", status_code=204, response_class=Response, responses=responses(404))
def revoke_mcp_key(user: User, key_id: str) -> None:
    """Refuse this key from now on."""
    api_keys.revoke(KeyKind.MCP, key_id=key_id, uid=user)
