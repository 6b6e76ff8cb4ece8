"""`kill -9`, at the worst moment: what was stored becomes a conversation all the same."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from common.core.settings import settings
from local.demo.device import PACKET_S, listening, stream
from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.inside import Inside
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


class Speaker(threading.Thread):
    """Streams packets in the background until they end or the connection breaks."""

    def __init__(self, cloud: RunningCloud, uid: str, packets: list[bytes], *, speed: float) -> None:
        super().__init__(daemon=True)
        self._url, self._token = cloud.url, cloud.token(uid)
        self._packets = packets
        self._speed = speed
        self.sent = 0
        self.stored_s = 0.0

    def run(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            asyncio.run(self._play())

    async def _play(self) -> None:
        async def note(message: object) -> None:
            if isinstance(message, dict) and message["type"] == "audio_stored":
                self.stored_s = message["until_s"]

        async with listening(self._url, self._token, on_message=note) as socket:
            await stream(socket, self._counted(), speed=self._speed)
            await asyncio.sleep(60)

    def _counted(self) -> Iterator[bytes]:
        for packet in self._packets:
            yield packet
            self.sent += 1


def test_after_kill_9_of_the_whole_stack_in_mid_stream_the_stored_words_become_a_conversation(
    start_cloud: StartCloud, packets: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    cloud = start_cloud()
    speaker = Speaker(cloud, "crashed", packets, speed=2.0)
    speaker.start()
    eventually(lambda: speaker.stored_s >= 15, within_s=60, what="three blocks of audio")
    time.sleep(1.0)
    cloud.kill()
    received = speaker.sent * PACKET_S

    cloud.options = ["--time-scale", "60"]
    cloud.start()
    inside = cloud.inside
    [(conversation_id, _)] = inside.conversations("crashed").items()
    stored = inside.stored_seconds("crashed", conversation_id)
    eventually(lambda: not inside.unfinished(), within_s=60, what="nothing is in progress or processing")

    conversation = inside.conversation("crashed", conversation_id)
    assert conversation is not None
    assert conversation["status"] == "completed"
    understood = sum(
        interval["end"] - interval["start"] for intervals in conversation["covered"].values() for interval in intervals
    )
    with capsys.disabled():
        print(f"\nreceived {received:.2f} s, stored {stored:.2f} s, transcribed or silent {understood:.2f} s")
    assert received - stored <= settings().block_seconds + 2.0 * 1.0, "one block at most, and what was on the wire"
    assert understood == pytest.approx(stored, abs=0.5)
    with cloud.client("crashed") as api:
        words = api.get(f"/v1/conversations/{conversation_id}").json()["transcript_segments"]
    assert "weather was beautiful" in " ".join(segment["text"] for segment in words)


def test_a_listen_instance_that_is_killed_leaves_a_conversation_that_is_finished_by_others(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    cloud = start_cloud("--time-scale", "20")
    inside = cloud.inside
    speaker = Speaker(cloud, "orphan", packets[:900], speed=6.0)
    speaker.start()
    eventually(lambda: speaker.stored_s >= 10, within_s=60, what="two blocks of audio")
    kill_function(cloud, "listen")
    [conversation_id] = inside.conversations("orphan")
    finished = eventually(
        lambda: _finished(inside, "orphan", conversation_id), within_s=180, what="a finished conversation"
    )
    assert finished["status"] == "completed"


def test_a_reconnected_client_goes_on_in_the_same_conversation(start_cloud: StartCloud, packets: list[bytes]) -> None:
    cloud = start_cloud()
    inside = cloud.inside
    cloud.say("returning", packets[:350], speed=10)
    cloud.say("returning", packets[350:700], speed=10)
    [conversation_id] = inside.conversations("returning")
    eventually(
        lambda: inside.stored_seconds("returning", conversation_id) == pytest.approx(14.0, abs=0.2),
        within_s=10,
        what="the audio of both connections",
    )
    with cloud.client("returning") as api:
        api.post("/v1/conversations", json={})
        words = eventually(
            lambda: _words(api.get(f"/v1/conversations/{conversation_id}").json()),
            within_s=60,
            what="a completed conversation",
        )
    starts = [segment["start"] for segment in words]
    assert starts == sorted(starts)
    said = " ".join(segment["text"] for segment in words)
    assert "good morning" in said
    assert "wonderful" in said


def kill_function(cloud: RunningCloud, name: str) -> None:
    """`kill -9` to one function's processes."""
    assert cloud.process is not None
    folder = str(Path("functions") / name)
    for process in psutil.Process(cloud.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(folder in argument for argument in process.cmdline()):
                os.kill(process.pid, signal.SIGKILL)


def _finished(inside: Inside, uid: str, conversation_id: str) -> dict[str, object] | None:
    conversation = inside.conversation(uid, conversation_id)
    if conversation is None:
        return {"status": "deleted"}
    return conversation if conversation["status"] in {"completed", "failed"} else None


def _words(conversation: dict[str, Any]) -> list[dict[str, Any]] | None:
    return conversation["transcript_segments"] if conversation.get("status") == "completed" else None
