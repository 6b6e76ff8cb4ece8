"""Who is calling, as FastAPI dependencies: the only way a router learns a uid.

User            an ID token: the app
Developer(...)  a developer key with the scopes named
McpUser         an MCP key
Admin           the administrators' secret
"""

import hmac
from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from common.core.errors import PermissionDeniedError, RateLimitedError, UnauthenticatedError
from common.core.logs import bind
from common.core.metering import charge
from common.core.settings import settings
from common.database import api_keys, rate_limits
from common.database.api_keys import KeyKind
from common.entry.auth import recall_token, verify_token
from common.models.api_key import ApiKey, Scope

_MINUTE_S = 60
_DAY_S = 24 * 3600

_id_token = HTTPBearer(scheme_name="IdToken", bearerFormat="JWT", description="A Firebase ID token", auto_error=False)
_developer_key = HTTPBearer(scheme_name="DeveloperKey", description="A key that begins `omi_dev_`", auto_error=False)
_mcp_key = HTTPBearer(scheme_name="McpKey", description="A key that begins `omi_mcp_`", auto_error=False)
_admin_key = APIKeyHeader(name="secret-key", scheme_name="AdminKey", auto_error=False)

Credentials = HTTPAuthorizationCredentials | None


def presented(credentials: Credentials) -> str:
    """The token or key of a request.

    Raises:
        UnauthenticatedError: there is none.
    """
    if credentials is None or not credentials.credentials.strip():
        raise UnauthenticatedError("Authorization header with a bearer token required")
    return credentials.credentials.strip()


async def signed_in(credentials: Annotated[Credentials, Security(_id_token)]) -> str:
    """The uid of a verified ID token.

    Raises:
        UnauthenticatedError: there is none, or it is not valid.
    """
    token = presented(credentials)
    uid = recall_token(token)
    if uid is None:
        uid = await run_in_threadpool(verify_token, token)
    bind(uid=uid, step="api")
    charge(uid)
    return uid


User = Annotated[str, Depends(signed_in)]


def Developer(*scopes: Scope) -> Any:  # noqa: N802 - used as a type in signatures, like FastAPI's own markers
    """The uid behind a developer key that has all of `scopes`; limited per key and per user."""

    async def identify(credentials: Annotated[Credentials, Security(_developer_key)]) -> str:
        key = await run_in_threadpool(_known_key, KeyKind.DEVELOPER, presented(credentials))
        for scope in scopes:
            if not key.allows(scope):
                raise PermissionDeniedError(f"The key lacks the scope {scope}")
        bind(uid=key.user_id, step="api")
        charge(key.user_id)
        return key.user_id

    return Depends(identify)


async def _identify_mcp(credentials: Annotated[Credentials, Security(_mcp_key)]) -> str:
    key = await run_in_threadpool(_known_key, KeyKind.MCP, presented(credentials))
    bind(uid=key.user_id, step="api")
    charge(key.user_id)
    return key.user_id


McpUser = Annotated[str, Depends(_identify_mcp)]


async def _identify_admin(secret: Annotated[str | None, Security(_admin_key)] = None) -> None:
    known = settings().admin_key
    if known is None or secret is None:
        raise PermissionDeniedError("Administrators only")
    if not hmac.compare_digest(known.get_secret_value().encode(), secret.encode()):
        raise PermissionDeniedError("Administrators only")
    bind(step="admin")


Admin = Depends(_identify_admin)


def _known_key(kind: KeyKind, secret: str) -> ApiKey:
    """The key, counted against its limits."""
    key = api_keys.find_by_secret(kind, secret)
    if key is None:
        raise UnauthenticatedError("The key is not valid")
    policy = "dev" if kind is KeyKind.DEVELOPER else "mcp"
    limit_requests(f"{policy}:minute", subject=key.id, limit=settings().key_requests_per_minute, window_s=_MINUTE_S)
    limit_requests(f"{policy}:day", subject=key.user_id, limit=settings().user_requests_per_day, window_s=_DAY_S)
    return key


def limit_requests(policy: str, *, subject: str, limit: int, window_s: int) -> rate_limits.Allowance:
    """Count a request.

    Raises:
        RateLimitedError: it is one too many.
    """
    allowance = rate_limits.count_request(policy=policy, subject=subject, limit=limit, window_s=window_s)
    if allowance.exceeded:
        raise RateLimitedError(
            f"Rate limit exceeded ({policy}): {limit} requests, try again in {allowance.reset_s} s",
            retry_after_s=allowance.reset_s,
            limit=limit,
        )
    return allowance
