"""Who is calling: ID tokens, verified in full (issuer, audience, expiry, signature), and nothing else.

Firebase's rules (https://firebase.google.com/docs/auth/admin/verify-id-tokens): RS256 with a key of the issuer, `aud`
the project, `iss` the project's issuer, `exp` ahead, `iat` and `auth_time` behind, `sub` the user's id.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import RetryableError, TokenExpiredError, UnauthenticatedError
from common.core.ids import is_document_id
from common.core.settings import settings

if TYPE_CHECKING:
    from jwt import PyJWKClient

_KEYS_KEPT_S = 3600
_LEEWAY_S = 10
_LONGEST_UID = 128
_MOST_VERIFIED = 4096

_verified: dict[bytes, tuple[str, float]] = {}
"""Digest of a genuine token -> its uid and when it ends, in seconds since 1970."""


def recall_token(token: str) -> str | None:
    """The uid in a token that this process has verified before and that is not over; without any waiting."""
    known = _verified.get(_digest(token))
    if known is None or known[1] + _LEEWAY_S <= clock.now().timestamp():
        return None
    return known[0]


def verify_token(token: str) -> str:
    """The uid in a genuine, current ID token.

    Raises:
        TokenExpiredError: genuine, but over.
        UnauthenticatedError: anything else that is wrong with it.
        RetryableError: the issuer's keys cannot be reached.
    """
    import jwt

    project = settings().google_cloud_project
    try:
        key = _keys().get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings().token_audience or project,
            issuer=settings().token_issuer or f"https://securetoken.google.com/{project}",
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenExpiredError("The token has expired") from error
    except (jwt.PyJWKClientConnectionError, OSError, json.JSONDecodeError) as error:
        raise RetryableError("The keys of the token's issuer cannot be had") from error
    except (jwt.InvalidTokenError, jwt.PyJWKClientError) as error:
        raise UnauthenticatedError("The token is not valid") from error
    uid = claims["sub"]
    if not isinstance(uid, str) or len(uid) > _LONGEST_UID or not is_document_id(uid):
        raise UnauthenticatedError("The token names no user")
    auth_time = claims.get("auth_time")
    if isinstance(auth_time, int | float) and auth_time > clock.now().timestamp() + _LEEWAY_S:
        raise UnauthenticatedError("The token is not valid")
    if len(_verified) >= _MOST_VERIFIED:
        _verified.clear()
    _verified[_digest(token)] = (uid, float(claims["exp"]))
    return uid


def bearer_token(authorization: str | None) -> str:
    """The token in an `Authorization` header.

    Raises:
        UnauthenticatedError: there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("Authorization header with a bearer token required")
    return token.strip()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


@cache
def _keys() -> PyJWKClient:
    from jwt import PyJWKClient

    return PyJWKClient(settings().token_keys_url, cache_keys=False, lifespan=_KEYS_KEPT_S, timeout=10)
