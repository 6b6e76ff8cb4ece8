"""One request to a speech service over HTTP: all of it before one deadline, however slowly the other side drips."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.core import retry_after
from common.core.errors import ProviderError
from common.core.tls import trusted
from common.speech.rejections import rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_S = 10.0
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes; six minutes with every word timed are a fraction of it."""


@dataclass(frozen=True)
class Answer:
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked for."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own


def post(url: str, *, provider: str, within_s: float, **request: Any) -> Answer:
    """Ask a service by POST; arguments and errors as for `send`."""
    return send("POST", url, provider=provider, within_s=within_s, **request)


def send(method: str, url: str, *, provider: str, within_s: float, **request: Any) -> Answer:
    """Ask a service; to be called in a thread without an event loop.

    Args:
        method: HTTP's.
        url: http(s)://…
        provider: its name, for messages.
        within_s: real seconds for everything, 10 at most for the connection.
        request: what httpx takes besides: `params`, `headers`, `content`, `files`.

    Raises:
        ProviderError: nobody there, or no answer of bearable size in time.
    """
    return asyncio.run(_send(method, url, provider, within_s, request))


def accepted(answer: Answer, *, provider: str) -> Answer:
    """The same, of a service that did what it was asked for.

    Raises:
        ProviderError: it did not; of the kind that its status means, with the pause that it asks for.
    """
    if not answer.ok:
        raise rejection(provider, answer.status, pause_s=retry_after.seconds_of(answer.headers.get("Retry-After")))
    return answer


async def _send(method: str, url: str, provider: str, within_s: float, request: Mapping[str, Any]) -> Answer:
    import httpx

    # A timeout of httpx counts from byte to byte; ours is for all of it.
    timeout = httpx.Timeout(None, connect=min(within_s, CONNECT_S))
    body = bytearray()
    try:
        async with (
            asyncio.timeout(within_s),
            httpx.AsyncClient(timeout=timeout, verify=trusted(), trust_env=False) as client,
            client.stream(method, url, **request) as response,
        ):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise ProviderError(f"{provider} answers too much")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise ProviderError(f"{provider} cannot be reached, broke off, or is too slow") from error
    return Answer(response.status_code, response.headers, bytes(body))
