"""WebSockets to speech providers."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from common.core.errors import ProviderError
from common.core.retry_after import seconds_of
from common.speech.rejections import rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from websockets.asyncio.client import ClientConnection
    from websockets.protocol import State

_OPEN_SECONDS = 10.0
_CLOSE_SECONDS = 1.0


def websocket_address(base_url: str, path: str) -> str:
    """`path` at a provider's address, which may be given as http(s) or ws(s)."""
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{scheme.replace('http', 'ws')}://{rest}{path}"


async def open_socket(
    address: str, *, provider: str, patience_s: float, headers: Mapping[str, str] | None = None
) -> ClientConnection:
    """Connect.

    Args:
        address: ws(s)://…
        provider: its name, for messages.
        patience_s: real seconds to wait for the handshake, 10 at most.
        headers: what identifies us.

    Raises:
        ProviderExhaustedError: the key is not accepted, or nothing is left of a quota.
        ProviderRefusedError: the request is not accepted as it is.
        ProviderError: no server, or none that answers in time.
    """
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus, WebSocketException

    try:
        # No pings of the library's own: they would count against a peer whose answers wait for us to read them.
        return await connect(
            address,
            additional_headers=headers,
            open_timeout=min(patience_s, _OPEN_SECONDS),
            close_timeout=_CLOSE_SECONDS,
            ping_interval=None,
            compression=None,
            proxy=None,
            logger=_discreet_logger(),
        )
    except InvalidStatus as error:
        pause = seconds_of(error.response.headers.get("Retry-After"))
        raise rejection(provider, error.response.status_code, pause_s=pause) from error
    except (OSError, TimeoutError, WebSocketException, EOFError, ValueError) as error:
        raise ProviderError(f"{provider} cannot be reached") from error


def sends_at_once(connection: ClientConnection) -> bool:
    """Whether the connection is open and nothing on it waits for the peer."""
    return connection.state is _open_state() and not connection.transport.get_write_buffer_size()


def send_at_once(connection: ClientConnection, message: bytes) -> None:
    """Send a binary message where `sends_at_once`: what the library's `send` does for who has to wait costs as much."""
    connection.protocol.send_binary(message)
    connection.send_data()


@cache
def _open_state() -> State:
    from websockets.protocol import State

    return State.OPEN


def _discreet_logger() -> logging.Logger:
    """The library's own at a level at which it does not write down headers, which hold the key, and messages."""
    logger = logging.getLogger("websockets.client.speech")
    logger.setLevel(logging.WARNING)
    return logger
