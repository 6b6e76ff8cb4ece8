"""Whoever is answered early is heard out, bounded; everybody else is answered as before."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from common.entry.api import hearing_out
from common.entry.api.hearing_out import HearingOut

PIECE = 1000


class Client:
    """Says so many pieces, and then, if it is told to, nothing more for good."""

    def __init__(self, pieces: int, *, then_silent: bool = False) -> None:
        self.left = pieces
        self.then_silent = then_silent
        self.told: list[Message] = []

    async def receive(self) -> Message:
        if not self.left:
            if self.then_silent:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}
        self.left -= 1
        return {"type": "http.request", "body": bytes(PIECE), "more_body": self.left > 0 or self.then_silent}

    async def send(self, message: Message) -> None:
        self.told.append(message)

    async def ask(self, *, reads: bool = False, headers: dict[str, str] | None = None) -> bytes:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            while reads and (await receive()).get("more_body"):
                continue
            await PlainTextResponse("no", status_code=413)(scope, receive, send)

        given = {"content-length": str(self.left * PIECE)} if headers is None else headers
        scope: Scope = {"type": "http", "headers": [(k.encode(), v.encode()) for k, v in given.items()]}
        await HearingOut(app)(scope, self.receive, self.send)
        return b"".join(message.get("body", b"") for message in self.told)


def _within(seconds: float, work: Coroutine[Any, Any, bytes]) -> bytes:
    async def bounded() -> bytes:
        return await asyncio.wait_for(work, seconds)

    return asyncio.run(bounded())


def test_what_comes_after_the_answer_is_thrown_away_before_it_ends() -> None:
    client = Client(20)
    assert asyncio.run(client.ask()) == b"no"
    assert client.left == 0
    assert [message.get("more_body", False) for message in client.told[1:]] == [True, False]


def test_whose_request_was_read_is_answered_at_once() -> None:
    client = Client(3)
    assert asyncio.run(client.ask(reads=True)) == b"no"
    assert [message.get("more_body", False) for message in client.told[1:]] == [False]


@pytest.mark.parametrize("headers", [{}, {"content-length": "20000", "expect": "100-continue"}])
def test_who_says_nothing_more_is_not_waited_for(headers: dict[str, str]) -> None:
    client = Client(0, then_silent=True)
    assert _within(1, client.ask(headers=headers)) == b"no"


def test_nobody_is_heard_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing_out, "WITHIN_S", 0.1)
    monkeypatch.setattr(hearing_out, "MOST_BYTES", 5 * PIECE)
    talkative, silent = Client(20), Client(2, then_silent=True)
    assert asyncio.run(talkative.ask()) == b"no"
    assert talkative.left == 15
    assert _within(2, silent.ask()) == b"no"
    assert silent.told[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
