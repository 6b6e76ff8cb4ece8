"""An HTTP client for the MCP library on which nothing but public addresses exists, and no answer is endless.

Imported only where a server is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

from common.apps.fetch import LARGEST_ANSWER, MOST_ADDRESSES, TRIED_S, resolve
from common.apps.outside import check_url
from common.core.errors import BadRequestError, InvalidInputError, OutsideError
from common.core.settings import settings
from common.core.tls import trusted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


@asynccontextmanager
async def judged_client(url: str, *, within_s: float) -> AsyncIterator[httpx2.AsyncClient]:
    """The client, for one address; connections go to what it resolves to, which is judged each time.

    Raises:
        BadRequestError: the address must not be asked.
    """
    loopback = settings().outside_may_be_here
    try:
        check_url(url, loopback=loopback, encrypted=True)
    except InvalidInputError as error:
        raise BadRequestError(str(error)) from error
    transport = _Transport(loopback=loopback)
    async with httpx2.AsyncClient(transport=transport, timeout=within_s, trust_env=False) as client:
        yield client


class _Transport(httpx2.AsyncBaseTransport):
    """Answers of bounded size, over a judging network."""

    def __init__(self, *, loopback: bool) -> None:
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=trusted(), network_backend=_Judging(loopback=loopback))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=_Bounded(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


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
