"""The local FCM: takes what FCM takes, refuses what it refuses in FCM's own words, and shows what it has taken."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.fcm.errors import FcmError
from local.fcm.server import FcmServer
from local.state import State

SEND = "/v1/projects/p1/messages:send"
GOOD: dict[str, Any] = {"token": "t1", "data": {"a": "b"}, "notification": {"title": "T", "body": "B"}}


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[tuple[FcmServer, httpx.AsyncClient]]:
    state = State(folder / "cloud.db")
    server = FcmServer(state)
    port = await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield server, client
    await server.stop()
    state.close()


def _codes(answer: httpx.Response) -> list[str]:
    return [detail["errorCode"] for detail in answer.json()["error"].get("details", []) if "errorCode" in detail]


def test_what_was_taken_is_shown_newest_first_and_outlives_a_restart(tmp_path: Path) -> None:
    async def run() -> None:
        async with _running(tmp_path) as (_, client):
            first = await client.post(SEND, json={"message": GOOD})
            assert first.status_code == 200
            assert first.json()["name"].startswith("projects/p1/messages/")
            await client.post(SEND, json={"message": {**GOOD, "token": "t2"}})
            await client.post(SEND, json={"message": {**GOOD, "token": "t3"}, "validate_only": True})
        async with _running(tmp_path) as (_, client):
            shown = (await client.get("/outbox")).json()["messages"]
            assert [message["token"] for message in shown] == ["t2", "t1"]
            assert shown[1].items() >= GOOD.items()
            assert shown[1]["name"] == first.json()["name"]
            assert len((await client.get("/outbox", params={"limit": "1"})).json()["messages"]) == 1
            mine = (await client.get("/outbox", params={"token": "t1"})).json()["messages"]
            assert [message["token"] for message in mine] == ["t1"]

    asyncio.run(run())


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"data": {"a": "b"}}, id="to nobody"),
        pytest.param({**GOOD, "topic": "x"}, id="to two"),
        pytest.param({**GOOD, "data": {"a": 1}}, id="a number among the data"),
        pytest.param({**GOOD, "data": {"from": "x"}}, id="a reserved name"),
        pytest.param({**GOOD, "data": {"a": "x" * 4096}}, id="too large"),
        pytest.param({**GOOD, "notification": {"text": "x"}}, id="an unknown field"),
        pytest.param({**GOOD, "android": {"priority": "URGENT"}}, id="no priority"),
        pytest.param({**GOOD, "webpush": {"fcm_options": {"link": "/here"}}}, id="a link without https"),
        pytest.param({**GOOD, "android": "high"}, id="no object"),
    ],
)
def test_what_fcm_does_not_take_is_an_invalid_argument(tmp_path: Path, message: dict[str, Any]) -> None:
    async def run() -> None:
        async with _running(tmp_path) as (_, client):
            answer = await client.post(SEND, json={"message": message})
            assert answer.status_code == 400
            assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
            assert (await client.get("/outbox")).json() == {"messages": []}

    asyncio.run(run())


def test_both_ways_to_write_a_fields_name_are_understood(tmp_path: Path) -> None:
    async def run() -> None:
        async with _running(tmp_path) as (_, client):
            message = {**GOOD, "webpush": {"fcmOptions": {"link": "https://x"}}, "android": {"collapseKey": "k"}}
            assert (await client.post(SEND, json={"message": message})).status_code == 200
            [shown] = (await client.get("/outbox")).json()["messages"]
            assert shown["android"] == {"collapse_key": "k"}

    asyncio.run(run())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"message": 1}', b"x" * 300_000])
def test_nonsense_is_refused(tmp_path: Path, body: bytes) -> None:
    async def run() -> None:
        async with _running(tmp_path) as (_, client):
            assert (await client.post(SEND, content=body)).status_code == 400

    asyncio.run(run())


def test_a_token_that_nobody_has_any_more_is_unregistered(tmp_path: Path) -> None:
    async def run() -> None:
        async with _running(tmp_path) as (server, client):
            await client.delete("/outbox/t1")
            answer = await client.post(SEND, json={"message": GOOD})
            assert (answer.status_code, _codes(answer)) == (404, ["UNREGISTERED"])
            server.refusals["t2"] = deque([FcmError("QUOTA_EXCEEDED", retry_after_s=7)])
            answer = await client.post(SEND, json={"message": {**GOOD, "token": "t2"}})
            assert (answer.status_code, _codes(answer), answer.headers["Retry-After"]) == (429, ["QUOTA_EXCEEDED"], "7")
            assert (await client.post(SEND, json={"message": {**GOOD, "token": "t2"}})).status_code == 200

    asyncio.run(run())
