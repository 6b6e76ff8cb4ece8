"""An HTTP client for the MCP library on which nothing but public addresses exists, and no answer is endless.

Imported only where a server is asked. What lets the user in is told the server's own origin and nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

from common.apps.fetch import LARGEST_ANSWER, MOST_ADDRESSES, TRIED_S, resolve
from common.core.errors import BadRequestError, InvalidInputError, OutsideError
from common.core.outside import check_url
from common.core.settings import settings
from common.core.tls import trusted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


_UNAUTHORISED = 401


@dataclass
class Heard:
    """What the server has said besides its answers.

    Attributes:
        challenge: how it wants to know who asks (RFC 9110 section 11.6.1), where it has refused for not knowing.
    """

    challenge: str | None = None


@asynccontextmanager
async def judged_client(
    url: str, *, within_s: float, token: str | None = None, heard: Heard | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """The client, for one address; connections go to what it resolves to, which is judged each time.

    Args:
        url: the address.
        within_s: real seconds of silence.
        token: lets the user in.
        heard: is told what the server says besides.

    Raises:
        BadRequestError: the address must not be asked.
    """
    _check(url)
    transport = _Transport(httpx2.URL(url), token, heard or Heard())
    async with httpx2.AsyncClient(transport=transport, timeout=within_s, trust_env=False) as client:
        yield client


def _check(url: str) -> None:
    try:
        check_url(url, loopback=settings().outside_may_be_here, encrypted=True)
    except InvalidInputError as error:
        raise BadRequestError(str(error)) from error


class _Transport(httpx2.AsyncBaseTransport):
    """Answers of bounded size, over a judging network."""

    def __init__(self, place: httpx2.URL, token: str | None, heard: Heard) -> None:
        network = _Judging(loopback=settings().outside_may_be_here)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=trusted(), network_backend=network)
        self._place = place
        self._token = token
        self._heard = heard

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        url = request.url
        _check(str(url))
        if self._token is not None and _origin(url) == _origin(self._place):
            request.headers["authorization"] = f"Bearer {self._token}"
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        response = httpx2.Response(
            answer.status, headers=answer.headers, stream=_Bounded(answer), extensions=answer.extensions
        )
        if response.status_code == _UNAUTHORISED and request.method == "POST":
            self._heard.challenge = response.headers.get("www-authenticate", "")
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._answer.stream:
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise OutsideError("The address answers too much")
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Judging(httpcore2.AsyncNetworkBackend):
    def __init__(self, *, loopback: bool) -> None:
        self._network = httpcore2.AnyIOBackend()
        self._loopback = loopback

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = (await asyncio.to_thread(resolve, host, port, loopback=self._loopback))[:MOST_ADDRESSES]
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._network.connect_tcp(
                    address, port, timeout=TRIED_S, local_address=local_address, socket_options=socket_options
                )
        return await self._network.connect_tcp(
            addresses[-1], port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
