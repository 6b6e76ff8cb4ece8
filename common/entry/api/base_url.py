"""Where clients reach this backend, for addresses that stand in answers."""

from typing import Annotated

from fastapi import Depends, Request

from common.core.settings import settings


def _base_url(request: Request) -> str:
    """As set, else as this client calls it; Cloud Run ends TLS and says so in `X-Forwarded-Proto`."""
    if settings().public_url:
        return settings().public_url.rstrip("/")
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return f"{'https' if scheme == 'https' else 'http'}://{request.url.netloc}"


BaseUrl = Annotated[str, Depends(_base_url)]
