"""An answer on its way to the client, in blocks that end with a blank line (CONTRACT section 6.4)."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.concurrency import iterate_in_threadpool, run_in_threadpool

from common.chat.ports import Thinking, Words
from common.core.errors import EarshotError
from common.core.logs import get_logger
from common.models.chat import Answer, MessageView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.types import Message, Receive, Scope, Send

    from common.chat.assurance import Assurance

Step = Thinking | Words | Answer

FAILED = "The answer could not be written, try again"
LINE_BREAK = "__CRLF__"
STREAM_TYPE = "text/event-stream"
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer",
        "content": {
            STREAM_TYPE: {"schema": {"description": "Blocks `think: `, `data: `, `message: `, `done: `, `error: `"}}
        },
    }
}
"""For a route that streams: its success. Errors that come before it are JSON as everywhere."""

_ERROR = "error"
_LONGEST_DATA = 100
"""Characters of an answer per block. Old clients join a block of 1024 and more with the next one; a line break takes
eight of them."""


def blocks(steps: Iterable[Step], *, heard: MessageView | None = None) -> Iterator[bytes]:
    """The blocks of a stream, each whole.

    Args:
        steps: what becomes of the answer; whatever they raise ends the stream with an `error` block.
        heard: the user's message, where the client does not know it yet.
    """
    if heard is not None:
        # Without nulls it is short enough, as a rule, not to be taken by old clients for a part of something longer.
        yield _block("message", _encoded(heard, exclude_none=True))
    try:
        for step in steps:
            if isinstance(step, Thinking):
                yield _block("think", _one_line(step.text, " "))
            elif isinstance(step, Words):
                text = _plain_breaks(step.text)
                for at in range(0, len(text), _LONGEST_DATA):
                    yield _block("data", _one_line(text[at : at + _LONGEST_DATA], LINE_BREAK))
            else:
                yield _block("done", _encoded(step))
    except Exception as error:  # noqa: BLE001 - the status has been sent: this is where the transport tells a failure
        get_logger().error("answer_failed", error=type(error).__name__)
        yield _block(_ERROR, _one_line(str(error) if isinstance(error, EarshotError) else FAILED, " "))


class AnswerStream(Response):
    """Sends blocks as they come, each in one piece.

    When the client goes away, the work is still done to its end, within the request: what was begun to be answered
    stands in the history afterwards.
    """

    def __init__(
        self, steps: Iterable[Step], *, heard: MessageView | None = None, assurance: Assurance | None = None
    ) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(headers=headers, media_type=STREAM_TYPE)
        del self.headers["content-length"]
        self._blocks = blocks(steps, heard=heard)
        self._assurance = assurance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the answer."""
        gone = asyncio.create_task(_gone(receive))
        block = b""
        try:
            listening = await _sent(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for block in iterate_in_threadpool(self._blocks):
                if listening:
                    listening = await _sent(send, {"type": "http.response.body", "body": block, "more_body": True})
            failed = block.startswith(f"{_ERROR}: ".encode())
            if failed and listening and not gone.done() and self._assurance is not None:
                # The client knows: what it does now is its own affair.
                await run_in_threadpool(self._assurance.end)
            if listening:
                await _sent(send, {"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()


async def _gone(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sent(send: Send, event: Message) -> bool:
    """Whether the client was still there; some servers say so by an error, others take what nobody hears."""
    try:
        await send(event)
    except OSError:
        return False
    return True


def _block(kind: str, content: str) -> bytes:
    return f"{kind}: {content}\n\n".encode(errors="replace")


def _one_line(text: str, line_break: str) -> str:
    return _plain_breaks(text).replace("\n", line_break)


def _plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoded(message: MessageView, *, exclude_none: bool = False) -> str:
    return base64.b64encode(message.model_dump_json(exclude_none=exclude_none).encode()).decode()
