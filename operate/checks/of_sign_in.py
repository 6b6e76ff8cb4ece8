"""Whether the keys can be had by which users' tokens are verified, and credentials for Google and its pushes."""

from __future__ import annotations

import httpx

from common.core.settings import settings
from operate.checks import mending
from operate.checks.finding import Finding, fine, wrong
from operate.place import is_local

_PATIENCE_S = 5.0


def token_keys() -> Finding:
    """The issuer's keys."""
    what, url = "sign-in", settings().token_keys_url
    try:
        answer = httpx.get(url, timeout=_PATIENCE_S, trust_env=not is_local())
        keys = answer.json().get("keys") if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError):
        keys = None
    if not keys:
        return wrong(what, f"no keys at TOKEN_KEYS_URL ({url})", mending.deployment())
    return fine(what, f"{len(keys)} keys of whoever signs users' tokens")


def credentials() -> Finding:
    """Who asks Google."""
    what = "credentials"
    if is_local():
        return fine(what, "none are needed here")
    import google.auth  # noqa: PLC0415 - heavy, and not needed locally
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415

    try:
        google.auth.default()
    except DefaultCredentialsError:
        return wrong(what, "there are none", "gcloud auth application-default login")
    return fine(what)
