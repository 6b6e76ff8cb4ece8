"""After a deployment: speak for a while, and see the conversation come out at the other end.

    ID_TOKEN=... python -m tools.smoke API [CHAT LISTEN]

The addresses are those of `terraform output services`, or one for all three. The bundled recording is streamed as a
device does it, as somebody who has signed in; the conversation that comes of it is read, found by meaning and deleted
again. Exits 1 at the first thing that is not as it should be, and says which.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from common.core import clock
from local.demo.device import PACKET_S, listening, opus_packets, stream
from local.demo.script import RECORDING

_QUESTION = "What premises does the company want to rent?"
_REQUEST_S = 60.0  # the first one may wake an instance
_STORED_WITHIN_S = 30.0
_COMPLETED_WITHIN_S = 300.0
_FOUND_WITHIN_S = 120.0
_POLL_S = 1.0


class SmokeError(RuntimeError):
    """Something is not as it should be."""


class Smoke:
    """One recording's way through one deployment; `tell` is told each step that went well."""

    def __init__(self, *, api: str, chat: str, listen: str, token: str, tell: Callable[[str], None]) -> None:
        self._api, self._chat, self._listen = (url.rstrip("/") for url in (api, chat, listen))
        self._token = token
        self._tell = tell
        self._stored = asyncio.Event()
        self._captions = 0

    async def run(self, packets: list[bytes], *, speed: float) -> None:
        """Go all the way with these words, at `speed` times the pace at which they were spoken.

        Raises:
            SmokeError: something is not as it should be.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(headers=headers, timeout=_REQUEST_S) as client:
            await self._is_guarded(client)
            conversation_id = await self._speak(client, packets, speed=speed)
            await self._completes(client, conversation_id)
            await self._is_found(client, conversation_id)
            await self._answered(client, "DELETE", f"{self._api}/v1/conversations/{conversation_id}")
            await self._answered(client, "GET", f"{self._api}/v1/conversations/{conversation_id}", status=404)
        self._tell("deleted: and it is gone")

    async def _is_guarded(self, client: httpx.AsyncClient) -> None:
        for name, url in (("api", f"{self._api}/v1/conversations"), ("chat", f"{self._chat}/v2/messages")):
            await self._answered(client, "GET", url, status=401, headers={"Authorization": ""})
            await self._answered(client, "GET", url)
            self._tell(f"{name}: answers whoever has signed in, and nobody else")

    async def _speak(self, client: httpx.AsyncClient, packets: list[bytes], *, speed: float) -> str:
        try:
            async with listening(self._listen, self._token, on_message=self._heard) as socket:
                await stream(socket, packets, speed=speed)
                await asyncio.wait_for(self._stored.wait(), _STORED_WITHIN_S)
                self._tell(f"listen: audio is stored; {self._captions} captions so far")
                answer = await self._answered(client, "POST", f"{self._api}/v1/conversations", json={})
        except (OSError, WebSocketException) as error:
            raise SmokeError(f"listen: {type(error).__name__}: {error}") from error
        except TimeoutError as error:
            raise SmokeError("listen: took the audio and stored none of it") from error
        return str(answer.json()["conversation"]["id"])

    async def _heard(self, message: Any) -> None:
        if isinstance(message, list):
            self._captions += len(message)
        elif isinstance(message, dict) and message.get("type") == "audio_stored":
            self._stored.set()

    async def _completes(self, client: httpx.AsyncClient, conversation_id: str) -> None:
        url = f"{self._api}/v1/conversations/{conversation_id}"

        async def completed() -> str | None:
            conversation = (await self._answered(client, "GET", url)).json()
            if conversation["status"] == "failed":
                raise SmokeError("structure_conversation: gave the conversation up")
            return conversation["structured"]["title"] if conversation["status"] == "completed" else None

        title = await self._within(completed, _COMPLETED_WITHIN_S, "the conversation is never completed")
        self._tell(f"structured: {title!r}")

    async def _is_found(self, client: httpx.AsyncClient, conversation_id: str) -> None:
        async def found() -> bool | None:
            url = f"{self._api}/v1/conversations/search"
            items = (await self._answered(client, "POST", url, json={"query": _QUESTION})).json()["items"]
            return any(item["id"] == conversation_id for item in items) or None

        await self._within(found, _FOUND_WITHIN_S, "the conversation is not found by its meaning")
        self._tell("indexed: found by its meaning")

    async def _within(self, look: Callable[[], Any], seconds: float, otherwise: str) -> Any:
        until = clock.monotonic() + seconds
        while (seen := await look()) is None:
            if clock.monotonic() > until:
                raise SmokeError(f"{otherwise} within {seconds:.0f} s")
            await asyncio.sleep(_POLL_S)
        return seen

    async def _answered(
        self, client: httpx.AsyncClient, method: str, url: str, *, status: int | None = None, **more: Any
    ) -> httpx.Response:
        """An answer with this status, or with success where none is named."""
        try:
            answer = await client.request(method, url, **more)
        except httpx.HTTPError as error:
            raise SmokeError(f"{method} {url}: {type(error).__name__}") from error
        if answer.status_code != status if status else not answer.is_success:
            raise SmokeError(f"{method} {url}: {answer.status_code}, not {status or 'success'}: {answer.text[:200]}")
        return answer


def main() -> int:
    """Try it, and say how far it came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("api", metavar="API")
    parser.add_argument("others", nargs="*", metavar="CHAT LISTEN", help="where they are, if not where the API is")
    parser.add_argument("--seconds", type=float, default=90.0, help="of the recording, which has 86")
    parser.add_argument("--speed", type=float, default=1.0, help="1 is the pace of a device")
    options = parser.parse_args()
    if len(options.others) not in {0, 2}:
        parser.error("one address, or three: API CHAT LISTEN")
    chat, listen = options.others or (options.api, options.api)
    token = os.environ.get("ID_TOKEN")
    if not token:
        parser.error("ID_TOKEN is not set; docs/deploy.md says how to get one")
    smoke = Smoke(api=options.api, chat=chat, listen=listen, token=token, tell=lambda line: print(line, flush=True))
    packets = opus_packets(RECORDING)[: round(options.seconds / PACKET_S)]
    try:
        asyncio.run(smoke.run(packets, speed=options.speed))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
