"""The silence timer: a conversation closes by itself while the device goes on streaming silence."""

import asyncio
from typing import Any

import pytest

from common.speech.opus import OpusEncoder
from local.demo.device import PACKET_S, listening, stream
from tests.e2e.conftest import StartCloud

pytestmark = pytest.mark.long

UID = "quiet-now"


def test_after_the_timeout_a_conversation_is_closed_and_told_about_and_silence_makes_no_other(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    cloud = start_cloud("--time-scale", "20")  # two minutes of silence take six seconds
    messages: list[Any] = []
    created = asyncio.Event()

    async def keep(message: Any) -> None:
        messages.append(message)
        if isinstance(message, dict) and message["type"] == "memory_created":
            created.set()

    async def play() -> None:
        encoder = OpusEncoder(frame_seconds=PACKET_S)
        silence = [encoder.encode(bytes(int(32_000 * PACKET_S))) for _ in range(round(40 / PACKET_S))]
        async with listening(cloud.url, cloud.token(UID), on_message=keep) as socket:
            await stream(socket, packets[:450], speed=6)
            streaming = asyncio.create_task(stream(socket, silence, speed=1))
            await asyncio.wait_for(created.wait(), 40)
            streaming.cancel()

    asyncio.run(play())
    events = [message for message in messages if isinstance(message, dict) and "memory" in message]
    assert [event["type"] for event in events] == ["memory_processing_started", "memory_created"]
    conversation = events[-1]["memory"]
    assert conversation["status"] == "completed"
    assert "good morning" in " ".join(segment["text"] for segment in conversation["transcript_segments"])
    assert events[0]["memory"]["id"] == conversation["id"]
    kept = {name: each["status"] for name, each in cloud.inside.conversations(UID).items()}
    assert kept.pop(conversation["id"]) == "completed"
    assert set(kept.values()) <= {"in_progress", "processing"}, "silence became a conversation"
