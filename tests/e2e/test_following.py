"""One conversation is one trace: from the device's WebSocket through every function to whoever is told of it."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

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


async def _say(cloud: RunningCloud, packets: list[bytes]) -> None:
    headers = {"Authorization": f"Bearer {cloud.token('followed')}", "traceparent": ASKED.traceparent}
    address = f"{cloud.url.replace('http', 'ws', 1)}/v4/listen?codec=opus_fs320&sample_rate=16000"
    async with connect(address, additional_headers=headers, max_size=None) as socket:
        reading = asyncio.create_task(_read(socket))
        await stream(socket, packets, speed=6.0)
        await asyncio.sleep(2)
    await reading


async def _read(socket: Any) -> None:
    async for _ in socket:
        pass


def _lines(cloud: RunningCloud, conversation_id: str) -> list[dict[str, Any]]:
    """What functions have logged about the conversation."""
    found = [line for log in (cloud.data / "logs").iterdir() for line in log.read_text().splitlines()]
    parsed = [json.loads(line) for line in found if line.startswith("{")]
    return [line for line in parsed if line.get("conversation_id") == conversation_id]
