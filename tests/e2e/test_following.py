"""One conversation is one trace: from the device's socket to the last webhook, and to the index of what it taught."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from common.core.tracing import Trace
from local.demo.device import stream
from local.environment import PROJECT
from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.collector import collecting
from tests.support.waiting import eventually
from tests.support.webhook_receiver import receiving

pytestmark = pytest.mark.long

ASKED = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
WORDS = 400
"""Packets that hold a few sentences."""
HOPS = {
    "listen",
    "structure_conversation",
    "index_conversation",
    "extract_memories",
    "collect_action_items",
    "run_apps",
    "note_conversation",
    "postprocess_conversation",
    "deliver_webhook",
}
SAID = (
    "I live in Lisbon with my two daughters.",
    "I'm allergic to peanuts.",
    "I will send the signed lease to the landlord by Friday.",
)
HOPS_OF_WHAT_IS_LEARNED = {
    "listen",
    "structure_conversation",
    "extract_memories",
    "index_memory",
    "collect_action_items",
    "index_action_item",
}


def test_a_conversation_is_followed_from_the_device_to_the_webhook(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    with collecting() as collector, receiving() as receiver:
        cloud = start_cloud(TRACING="otlp", TRACING_URL=collector.url)
        with cloud.client("followed") as api:
            told = api.post("/v1/users/developer/webhook/memory_created", json={"url": receiver.url})
            assert told.status_code == 200, told.text
            asyncio.run(_say(cloud, packets[:WORDS]))
            finished = api.post("/v1/conversations", json={}, headers={"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"})
            conversation_id = finished.json()["conversation"]["id"]

        def hops() -> set[str]:
            return {span.name for span in collector.kept if span.trace_id == ASKED.trace_id}

        eventually(lambda: hops() >= HOPS, within_s=60, what=f"{HOPS} in one trace, of which there were {hops()}")
        [delivered] = eventually(lambda: receiver.received, within_s=10, what="a webhook")
        assert delivered.headers["traceparent"].split("-")[1] == ASKED.trace_id

        [socket] = collector.named("listen")
        assert (socket.trace_id, socket.above) == (ASKED.trace_id, ASKED.span_id)
        known = {span.span_id for span in collector.kept} | {ASKED.span_id}
        within = [span for span in collector.kept if span.trace_id == ASKED.trace_id]
        assert not [span.name for span in within if span.above not in known], "nothing hangs in the air"
        structuring = [span for span in within if span.name == "structure_conversation"]
        assert {span.about["earshot.conversation_id"] for span in structuring} == {conversation_id}
        [asked] = collector.named("POST /v1/conversations")
        assert asked.trace_id == "1" * 32, "whoever presses the button has a trace of their own"
        lines = _lines(cloud, conversation_id)
        assert {"structure_conversation", "extract_memories"} <= {line.get("step") for line in lines}
        assert {line["logging.googleapis.com/trace"] for line in lines if line.get("step") == "extract_memories"} == {
            f"projects/{PROJECT}/traces/{ASKED.trace_id}"
        }
        said = b"".join(collector.bodies)
        assert not [word for word in (b"followed", b"budget", b"omi_", b"Bearer") if word in said]


def test_what_is_learned_from_a_conversation_is_followed_into_the_index(start_cloud: StartCloud) -> None:
    with collecting() as collector:
        cloud = start_cloud(TRACING="otlp", TRACING_URL=collector.url)
        asyncio.run(_tell(cloud))
        with cloud.client("followed") as api:
            finished = api.post("/v1/conversations", json={})
            assert finished.json()["conversation"]["status"] == "completed", finished.text

        def hops() -> set[str]:
            return {span.name for span in collector.kept if span.trace_id == ASKED.trace_id}

        eventually(
            lambda: hops() >= HOPS_OF_WHAT_IS_LEARNED, within_s=60, what=f"{HOPS_OF_WHAT_IS_LEARNED} in one trace"
        )
        names = {span.span_id: span.name for span in collector.kept}
        for step, learning in (("index_memory", "extract_memories"), ("index_action_item", "collect_action_items")):
            assert {names[span.above] for span in collector.named(step)} == {learning}


async def _say(cloud: RunningCloud, packets: list[bytes]) -> None:
    async with _listening(cloud, "codec=opus_fs320&sample_rate=16000") as socket:
        await stream(socket, packets, speed=6.0)
        await asyncio.sleep(2)


async def _tell(cloud: RunningCloud) -> None:
    """As a client does that recognises by itself."""
    said = [{"text": text, "is_user": True, "start": 3.0 * n, "end": 3.0 * n + 2} for n, text in enumerate(SAID)]
    async with _listening(cloud, "custom_stt=enabled&codec=opus_fs320&sample_rate=16000") as socket:
        await socket.send(json.dumps({"type": "suggested_transcript", "segments": said}))
        await asyncio.sleep(2)


@asynccontextmanager
async def _listening(cloud: RunningCloud, asked: str) -> AsyncIterator[ClientConnection]:
    """A socket that names the trace, and is read."""
    headers = {"Authorization": f"Bearer {cloud.token('followed')}", "traceparent": ASKED.traceparent}
    address = f"{cloud.url.replace('http', 'ws', 1)}/v4/listen?{asked}"
    async with connect(address, additional_headers=headers, max_size=None) as socket:
        reading = asyncio.create_task(_read(socket))
        yield socket
    await reading


async def _read(socket: Any) -> None:
    async for _ in socket:
        pass


def _lines(cloud: RunningCloud, conversation_id: str) -> list[dict[str, Any]]:
    """What functions have logged about the conversation."""
    found = [line for log in (cloud.data / "logs").iterdir() for line in log.read_text().splitlines()]
    parsed = [json.loads(line) for line in found if line.startswith("{")]
    return [line for line in parsed if line.get("conversation_id") == conversation_id]
