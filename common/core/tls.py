"""Whom we believe over TLS; reading all their certificates takes longer than a whole request, so it is done once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that everybody believes, whatever the environment says."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


@cache
def trusted_here() -> ssl.SSLContext:
    """The same, or those that `SSL_CERT_FILE` or `SSL_CERT_DIR` names: for what somebody may run for themselves."""
    import httpx

    return httpx.create_ssl_context()
