"""One client's WebSocket: whole messages in, messages and a reason to part out; the tap of what it sends."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest

from common.entry.listening.codes import TOO_BIG, Closing, code_of

LARGEST_FRAME = 64 * 1024
"""Bytes of a binary message."""
LARGEST_MESSAGE = 1024 * 1024
"""Bytes of a text message, which may hold a part of a picture."""
_EARLY_BYTES = 256 * 1024
_EARLY_MESSAGES = 1024
"""What a client may send before it is known who it is; the rest waits on the wire."""
_GOODBYE_S = 2.0
"""Real seconds for a peer to answer the end of its connection."""
_LINGER_S = 30.0
_LONGEST_REASON = 120
_BINARY = WSMsgType.BINARY
"""Asked for with every frame, and a member of an enumeration is found slowly."""


class Receiver(Protocol):
    """Whoever the messages are for."""

    def frame(self, frame: bytes) -> None:
        """Take a binary message."""

    def message(self, text: str) -> None:
        """Take a text message."""

    def leave(self) -> None:
        """Nothing more comes."""


class ListenSocket(WSListener):
    """Adapts the server's callbacks.

    Args:
        request: the client's upgrade request.
        serve: what to do with the connection; runs as a task from its first moment to its last.
    """

    def __init__(self, request: WSUpgradeRequest, serve: Callable[["ListenSocket"], Coroutine[Any, Any, None]]) -> None:
        self.request = request
        self._heard_at = 0.0
        self.lost = asyncio.Event()
        """The connection is over."""
        self._serve = serve
        self._loop = asyncio.get_running_loop()
        self._transport: WSTransport
        self._receiver: Receiver | None = None
        self._early: list[str | bytes] = []
        self._early_bytes = 0
        self._early_full = False
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._parts = bytearray()
        self._parts_are: WSMsgType = WSMsgType.CONTINUATION
        self._held = 0
        self._closed = False
        self._left = False
        self._refused = False
        self._parting: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[None] | None = None

    # The server's callbacks

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Serve it from now on."""
        self._transport = transport
        self._heard_at = self._loop.time()
        self._serving = self._loop.create_task(self._serve(self))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame; called for every one, so it does little."""
        if frame.msg_type == _BINARY and frame.fin and self._receiver is not None and not self._closed:
            self._heard_at = self._loop.time()
            if frame.payload_size <= LARGEST_FRAME:
                self._receiver.frame(frame.get_payload_as_bytes())
            else:
                self._refuse_size("an audio frame holds 64 KiB at most")
        else:
            self._on_other(transport, frame)

    def on_ws_disconnected(self, _: WSTransport) -> None:
        """Tell whoever waits."""
        self.lost.set()
        self._news.set()
        self._writable.set()
        if self._receiver is not None:
            self._receiver.leave()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        if not self._transport.is_close_frame_sent:
            self._writable.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._writable.set()

    # What is done with it

    @property
    def is_over(self) -> bool:
        """Whether either side has said good-bye, or the connection is lost; what came before is still worked off."""
        return self._closed or self._parting is not None or self.lost.is_set()

    @property
    def silent_s(self) -> float:
        """Real seconds since the client sent something; none while it is held back."""
        return 0.0 if self._held else self._loop.time() - self._heard_at

    def pause(self) -> None:
        """Take nothing more from the client until `resume` has been called as often."""
        self._held += 1
        if self._held == 1 and not self.lost.is_set():
            self._transport.underlying_transport.pause_reading()

    def resume(self) -> None:
        """Go on."""
        self._held -= 1
        self._heard_at = self._loop.time()
        if self._held == 0 and not self.lost.is_set():
            self._transport.underlying_transport.resume_reading()

    async def first_text(self) -> str:
        """The first text message, before there is a receiver; empty once the connection is over."""
        while not self.lost.is_set():
            text = next((message for message in self._early if isinstance(message, str)), None)
            if text is not None:
                self._early.remove(text)
                return text
            self._news.clear()
            await self._news.wait()
        return ""

    def attach(self, receiver: Receiver) -> None:
        """Give the receiver what came meanwhile, and everything from now on."""
        self._receiver = receiver
        for message in self._early:
            _hand_over(message, receiver)
        self._forget_early()
        if self._left or self.lost.is_set():
            receiver.leave()

    async def send(self, message: Any) -> None:
        """Send a message: a str as it is, everything else as JSON. Waits while the client does not read."""
        await self._writable.wait()
        if not self.lost.is_set():
            text = message if isinstance(message, str) else json.dumps(message, separators=(",", ":"))
            self._transport.send(WSMsgType.TEXT, text.encode())

    async def part(self, code: int, reason: str) -> None:
        """End the connection. What the client had sent before it knew is still taken, if there is a receiver."""
        if self._receiver is None:
            self._refused = True
            self._forget_early()
        if self._parting is None and not self.lost.is_set():
            self._parting = self._loop.create_task(self._part(code, reason))
        if self._parting is not None:
            await self._parting

    def let_go(self, error: Exception) -> None:
        """End the connection because of this, without waiting for it."""
        if self._parting is None and not self.lost.is_set():
            self._parting = self._loop.create_task(self._part(code_of(error), str(error)))

    async def _part(self, code: int, reason: str) -> None:
        self._transport.send_close(WSCloseCode(code), reason.encode()[:_LONGEST_REASON].decode(errors="ignore"))
        self._writable.set()  # nothing is sent behind a good-bye, so that nobody needs to wait for it
        if self._held:
            self._transport.underlying_transport.resume_reading()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.lost.wait()
        if self.lost.is_set():
            return
        # It does not answer. What it has not read yet it may still read, for a while.
        self._left = True
        if self._receiver is not None:
            self._receiver.leave()
        self._transport.disconnect(graceful=True)
        self._loop.call_later(_LINGER_S, self._transport.disconnect, False)  # noqa: FBT003 - takes no keywords

    def _on_other(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take what is no audio, is early, or is a part of a message."""
        kind = frame.msg_type
        if kind == WSMsgType.PING:
            # It says nothing, so that a device without audio may go; and who does not read gets no answers either.
            if self._writable.is_set():
                transport.send_pong(frame.get_payload_as_bytes())
            return
        if self._closed:
            return
        self._heard_at = self._loop.time()
        if kind == WSMsgType.CLOSE:
            self._closed = True
            if not transport.is_close_frame_sent:
                code = frame.get_close_code() or WSCloseCode.OK
                # 1006 stands for a good-bye that was never said.
                transport.send_close(WSCloseCode.PROTOCOL_ERROR if code == WSCloseCode.ABNORMAL_CLOSURE else code)
            transport.disconnect()
        elif kind in (WSMsgType.BINARY, WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._on_part(kind, frame.get_payload_as_bytes(), last=frame.fin)

    def _on_part(self, kind: WSMsgType, payload: bytes, *, last: bool) -> None:
        if kind != WSMsgType.CONTINUATION:
            self._parts, self._parts_are = bytearray(), kind
        elif self._parts_are == WSMsgType.CONTINUATION:
            return  # of no message, or of one that is refused
        self._parts += payload
        if len(self._parts) > (LARGEST_FRAME if self._parts_are == WSMsgType.BINARY else LARGEST_MESSAGE):
            self._parts, self._parts_are = bytearray(), WSMsgType.CONTINUATION
            self._refuse_size("an audio frame holds 64 KiB at most, a text message 1 MiB")
        elif last:
            whole, kind = bytes(self._parts), self._parts_are
            self._parts, self._parts_are = bytearray(), WSMsgType.CONTINUATION
            message = whole if kind == WSMsgType.BINARY else whole.decode(errors="replace")
            if self._receiver is not None:
                _hand_over(message, self._receiver)
            elif not self._refused:
                self._keep_early(message)

    def _keep_early(self, message: str | bytes) -> None:
        self._early.append(message)
        self._early_bytes += len(message)
        self._news.set()
        if not self._early_full and (self._early_bytes > _EARLY_BYTES or len(self._early) > _EARLY_MESSAGES):
            self._early_full = True
            self.pause()

    def _forget_early(self) -> None:
        self._early.clear()
        self._early_bytes = 0
        if self._early_full:
            self._early_full = False
            self.resume()

    def _refuse_size(self, reason: str) -> None:
        self.let_go(Closing(TOO_BIG, reason))


def _hand_over(message: str | bytes, receiver: Receiver) -> None:
    if isinstance(message, bytes):
        receiver.frame(message)
    else:
        receiver.message(message)
