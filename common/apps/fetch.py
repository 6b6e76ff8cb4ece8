"""Asking an address outside that somebody else has named: little, soon, and never a host of ours.

The name is resolved when the connection is made, what it resolves to is judged, and exactly that is connected to; so
a name that means something else a moment later changes nothing. Redirects are not followed. One deadline covers
everything after the resolver, which has its own, however slowly the other side drips.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.core.clock import Deadline
from common.core.errors import BadRequestError, InvalidInputError, OutsideError
from common.core.outside import check_url, is_allowed
from common.core.retry_after import seconds_of
from common.core.settings import settings
from common.core.tls import trusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpcore

LONGEST_S = 5.0
MOST_ADDRESSES = 4
"""Of one host; one after the other is tried, for a network may lead to some of them only (IPv6, say)."""
TRIED_S = 1.0
"""Real seconds for each but the last."""
LARGEST_ANSWER = 1024 * 1024
"""Bytes."""


@dataclass
class Heard:
    """What the other side says besides its answer.

    Attributes:
        pause_s: real seconds for which it wants to be left alone, where it says so.
    """

    pause_s: float | None = None


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    within_s: float | None = None,
    encrypted: bool = False,
    heard: Heard | None = None,
    cut: bool = False,
) -> tuple[int, bytes]:
    """Status and body of an answer from outside.

    Args:
        url: http or https.
        method: of the request.
        headers: besides those that every request has.
        body: what is sent.
        within_s: real seconds for all of it; LONGEST_S unless given.
        encrypted: whether an address without https, or on an unusual port, must not be asked.
        heard: is told what the other side says besides.
        cut: whether of an answer that is too large the beginning is enough.

    Raises:
        BadRequestError: the address must not be asked.
        OutsideError: there was no answer of bearable size in time.
    """
    import httpcore

    loopback = settings().outside_may_be_here
    try:
        outside = check_url(url, loopback=loopback, encrypted=encrypted)
    except InvalidInputError as error:
        raise BadRequestError(str(error)) from error
    deadline = Deadline.real(LONGEST_S if within_s is None else within_s)
    backend = _judging_backend(deadline, loopback=loopback)
    try:
        with httpcore.ConnectionPool(network_backend=backend, ssl_context=trusted()) as pool:
            request_headers = {"host": _authority(outside.url), "user-agent": "earshot", "accept": "*/*"}
            request_headers |= headers or {}
            if body is not None:
                request_headers["content-length"] = str(len(body))
            with pool.stream(method, outside.url, headers=list(request_headers.items()), content=body or b"") as answer:
                if heard is not None:
                    heard.pause_s = seconds_of(_header(answer.headers, b"retry-after"))
                return answer.status, _read(answer.iter_stream(), deadline, cut=cut)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
        raise OutsideError("The address does not answer") from error


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    return next((value.decode("latin-1") for each, value in headers if each.lower() == name), None)


def _read(pieces: Iterable[bytes], deadline: Deadline, *, cut: bool) -> bytes:
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if cut and len(whole) > LARGEST_ANSWER:
            break
        if len(whole) > LARGEST_ANSWER or deadline.passed:
            raise OutsideError("The address answers too much or too slowly")
    return bytes(whole)


def _authority(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).netloc


def resolve(host: str, port: int, *, loopback: bool) -> list[str]:
    """The IP addresses of a host, all of which may be connected to.

    Raises:
        BadRequestError: one of them may not.
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not all(is_allowed(address, loopback=loopback) for address in addresses):
        raise BadRequestError("The address does not lead to a public host")
    return addresses


def _judging_backend(deadline: Deadline, *, loopback: bool) -> httpcore.NetworkBackend:
    """A network for httpcore on which nothing but allowed addresses exists, and nothing outlasts the deadline."""
    import httpcore

    network = httpcore.SyncBackend()

    class Bounded(httpcore.NetworkStream):
        def __init__(self, stream: httpcore.NetworkStream) -> None:
            self._stream = stream

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - one for all
            return self._stream.read(max_bytes, timeout=_left(deadline))

        def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - one for all
            self._stream.write(buffer, timeout=_left(deadline))

        def close(self) -> None:
            self._stream.close()

        def start_tls(
            self,
            ssl_context: Any,
            server_hostname: str | None = None,
            timeout: float | None = None,  # noqa: ARG002 - one for all
        ) -> httpcore.NetworkStream:
            return Bounded(self._stream.start_tls(ssl_context, server_hostname, timeout=_left(deadline)))

        def get_extra_info(self, info: str) -> Any:
            return self._stream.get_extra_info(info)

    class Judging(httpcore.NetworkBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ARG002 - one for all
            local_address: str | None = None,
            socket_options: Any = None,
        ) -> httpcore.NetworkStream:
            *others, last = resolve(host, port, loopback=loopback)[:MOST_ADDRESSES]
            given = {"local_address": local_address, "socket_options": socket_options}
            for address in others:
                with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return Bounded(
                        network.connect_tcp(address, port, timeout=min(_left(deadline) / 2, TRIED_S), **given)
                    )
            return Bounded(network.connect_tcp(last, port, timeout=_left(deadline), **given))

    return Judging()


def _left(deadline: Deadline) -> float:
    """Seconds for whatever comes next."""
    import httpcore

    if deadline.passed:
        raise httpcore.ReadTimeout
    return deadline.remaining
