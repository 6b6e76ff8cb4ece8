"""Providers of live recognition behind a key and a WebSocket: what is the same for all of them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from common.speech.dialects import Dialect
from common.speech.sockets import websocket_address
from common.speech.streaming import open_stream
from common.speech.transcriber import TranscriptionStream


class KeyedService:
    """Where a provider is, and how it knows us.

    Args:
        key: the API key.
        url: the provider's address, or where else its software runs.
        model: which of its models.
        timeout: real seconds after which a server that does not answer or read has failed.
    """

    path: str
    scheme = "Bearer"

    def __init__(self, *, key: str, url: str, model: str, timeout: float) -> None:
        self._headers = {"Authorization": f"{self.scheme} {key}"}
        self._address = websocket_address(url, self.path)
        self._patience_s = timeout
        self.model = model

    async def stream(self, dialect: Dialect, parameters: Mapping[str, Any] | None = None) -> TranscriptionStream:
        """Open a socket and begin a recognition; raises what `open_stream` does."""
        address = f"{self._address}?{urlencode(parameters, doseq=True)}" if parameters else self._address
        return await open_stream(address, dialect, patience_s=self._patience_s, headers=self._headers)
