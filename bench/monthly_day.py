"""The pieces of a user's day, driven through a local cloud that counts what would be billed; for `bench.monthly`.

An hour of audio is streamed as a wearable streams it, silence and all, faster than it is spoken; what is said comes
from a speech provider's server of the tests, so that what is measured is this product and no recogniser.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench.document_sizes import subtree_bytes
from bench.monthly_audio import HOUR, TALK_S, ScriptEar, packets, script
from common.chat.pacing import TOTAL_S
from common.speech.blocks import encode_block
from local.demo.device import listening, opus_packets, stream
from local.demo.script import RECORDING
from local.environment import BUCKETS
from local.manifest import ROOT
from tests.support.cloud import RunningCloud
from tests.support.speech_servers.deepgram import DeepgramServer
from tests.support.speech_servers.serving import KEY
from tests.support.waiting import eventually

UID, FULL = "monthly", "monthly-full"
"""Who speaks; and who has what a user of a year has, and opens the app."""
PIECES = ("audio_hour", "sync", "opening", "question", "search")
"""What is measured, besides the sweep."""
_TIMES = 5
_SWEEPS = 10
_STILL_S, _HEARING_S, _FINISHED_S, _PATIENCE_S = 15.0, 90.0, TOTAL_S + 40.0, 900.0
"""Real seconds without a call after which nothing is on its way. They may be many where a recording is heard; and when
a question had to be answered somebody looks whether it was."""
_PARAMETERS = "codec=opus_fs320&sample_rate=16000&language=en"
_LOGS_OF_THE_CLOUD = {"cloud.log", "models.log"}
_OPENING = (
    "/v1/conversations?limit=100",
    "/v3/memories?limit=100",
    "/v1/action-items?limit=50",
    "/v2/messages",
    "/v1/users/people",
    "/v1/folders",
    "/v1/users/language",
    "/v1/users/daily-summaries",
)
"""What an app asks for when it is opened."""
_QUESTIONS = (
    "What did we say about the budget?",
    "What do I have to do this week?",
    "When is the next appointment?",
    "What do you know about my plans for the summer?",
    "Who was going to call the landlord?",
)


@dataclass
class Day:
    """One cloud's day, piece by piece."""

    cloud: RunningCloud
    speed: float
    sweep: dict[str, float] = field(default_factory=dict)

    def idle(self) -> dict[str, float]:
        """What one call of the sweep costs where nothing is to be done."""
        before, began = self._totals(), self._settled()["calls.sweep"]
        eventually(
            lambda: self._totals()["calls.sweep"] >= began + _SWEEPS, within_s=_PATIENCE_S, what="sweeps", every_s=1.0
        )
        grown = _difference(before, self._totals())
        self.sweep = {name: value / grown["calls.sweep"] for name, value in grown.items()}
        return self.sweep

    def counted(self, work: Callable[[], object], *, times: int = 1, still_s: float = _STILL_S) -> dict[str, float]:
        """What a piece of work adds, and all that follows from it, without the sweeps meanwhile; per time."""
        before = self._settled()
        work()
        grown = _difference(before, self._settled(still_s))
        sweeps = grown.get("calls.sweep", 0.0)
        left = {name: value - sweeps * self.sweep.get(name, 0.0) for name, value in grown.items()}
        ours = {name: value for name, value in left.items() if not name.endswith(".sweep") and "start" not in name}
        return {name: round(max(0.0, value) / times, 3) for name, value in ours.items()}

    def speak(self) -> None:
        """Stream the hour."""

        async def ignore(_: Any) -> None:
            return

        async def play() -> None:
            token = self.cloud.token(UID)
            async with listening(self.cloud.url, token, on_message=ignore, parameters=_PARAMETERS) as socket:
                await stream(socket, packets(HOUR), speed=self.speed)

        asyncio.run(play())

    def open_app(self, api: httpx.Client) -> None:
        """Ask for everything that an app shows at first, as often as pieces are repeated."""
        for _ in range(_TIMES):
            for path in _OPENING:
                api.get(path)

    def ask(self, api: httpx.Client) -> None:
        """Chat."""
        for question in _QUESTIONS:
            api.post("/v2/messages", json={"text": question}).raise_for_status()

    def search(self, api: httpx.Client) -> None:
        """Look for conversations."""
        for question in _QUESTIONS:
            api.post("/v1/conversations/search", json={"query": question}).raise_for_status()

    def sync(self, api: httpx.Client) -> None:
        """Hand in what was recorded offline: the bundled recording."""
        recorded = opus_packets(RECORDING)
        at = int((datetime.now(UTC) - timedelta(days=2)).timestamp())
        name = f"audio_omi_opus_fs320_16000_1_fs320_{at}.bin"
        api.post("/v2/sync-local-files", files=[("files", (name, encode_block(recorded)))]).raise_for_status()

    def starts(self) -> dict[str, float]:
        """Seconds in which each function that was started was ready, on average."""
        totals = self._totals()
        counts = {name.partition(".")[2]: value for name, value in totals.items() if name.startswith("starts.")}
        return {name: totals[f"start_seconds.{name}"] / count for name, count in counts.items()}

    def stored(self) -> dict[str, float]:
        """Bytes and vectors that there are now."""
        inside = self.cloud.inside
        found: dict[str, float] = {
            f"bytes.{name}": sum(blob.size or 0 for blob in inside.storage.list_blobs(bucket))
            for name, bucket in BUCKETS.items()
        }
        found["bytes.firestore"] = subtree_bytes(inside.firestore.document("users", UID))
        found["vectors"] = inside.vectors.describe_index_stats().total_vector_count or 0
        return found

    def _totals(self) -> dict[str, float]:
        totals: dict[str, float] = httpx.get(self.cloud.environment["OPERATIONS_URL"], trust_env=False).json()
        logs = (self.cloud.data / "logs").glob("*.log")
        totals["logging.bytes"] = sum(log.stat().st_size for log in logs if log.name not in _LOGS_OF_THE_CLOUD)
        return totals

    def fill(self) -> None:
        """Give somebody what a user of a year has; returns when all of it can be found."""
        command = [sys.executable, "-c", f"from bench.api_data import fill; fill({FULL!r}, 100)"]
        subprocess.run(command, check=True, cwd=ROOT, env=os.environ | self.cloud.environment)  # noqa: S603 - ours
        self._settled()

    def _settled(self, still_s: float = _STILL_S) -> dict[str, float]:
        """The totals, once nobody but the sweep has been called for a while."""
        deadline = time.monotonic() + _PATIENCE_S
        before, since = _calls(self._totals()), time.monotonic()
        while time.monotonic() - since < still_s:
            if time.monotonic() > deadline:
                raise RuntimeError("the cloud does not come to rest")
            time.sleep(0.5)
            if (now := _calls(self._totals())) != before:
                before, since = now, time.monotonic()
        return self._totals()


def measure(folder: Path, *, redis: bool, speed: float, wanted: Collection[str] = PIECES) -> dict[str, Any]:
    """Drive the pieces; what each of them adds, and what is stored of an hour.

    Args:
        folder: for the cloud's data.
        redis: whether it has a Redis.
        speed: how many times as fast as it is spoken.
        wanted: which of them, besides the sweep, which runs meanwhile.
    """
    hour: dict[str, Any] = {}
    words = script()
    with DeepgramServer(ear=lambda: ScriptEar(words)).running() as address:
        variables = {
            "STREAMING_TRANSCRIBERS": "deepgram",
            "DEEPGRAM_URL": address.replace("ws", "http", 1),
            "DEEPGRAM_API_KEY": KEY,
        }
        if not redis:
            variables["REDIS_URL"] = ""
        cloud = RunningCloud(folder, options=["--time-scale", str(speed)], variables=variables).start()
        try:
            day = Day(cloud, speed)
            pieces = {"sweep": day.idle()}
            with cloud.client(UID) as api:
                api.timeout = httpx.Timeout(300.0)
                if "audio_hour" in wanted:
                    pieces["audio_hour"] = day.counted(day.speak)
                    hour = _of_the_hour(day, api)
                if "sync" in wanted:
                    pieces["sync"] = day.counted(lambda: day.sync(api), still_s=_HEARING_S)
            asked: dict[str, tuple[Callable[[httpx.Client], None], int]] = {
                "opening": (day.open_app, _TIMES),
                "question": (day.ask, len(_QUESTIONS)),
                "search": (day.search, len(_QUESTIONS)),
            }
            if asked.keys() & set(wanted):
                day.fill()
            with cloud.client(FULL) as api:
                api.timeout = httpx.Timeout(300.0)
                for name, (work, times) in asked.items():
                    if name in wanted:
                        still_s = _FINISHED_S if name == "question" else _STILL_S
                        pieces[name] = day.counted(partial(work, api), times=times, still_s=still_s)
            starts = day.starts()
        finally:
            cloud.kill()
    return {"starts": starts, **hour, "pieces": pieces}


def _of_the_hour(day: Day, api: httpx.Client) -> dict[str, Any]:
    """What has become of the hour of audio."""
    models = api.get("/v1/users/me/usage", params={"period": "today"}).json()["models"]
    heard = sum(line["audio_seconds"] for line in models if line["kind"] == "speech")
    kept = api.get("/v1/conversations").json()
    return {"conversations": len(kept), "heard_s": round(heard, 1), "talk_s": TALK_S, "stored": day.stored()}


def _difference(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {name: value - before.get(name, 0.0) for name, value in after.items() if value != before.get(name, 0.0)}


def _calls(totals: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in totals.items() if name.startswith("calls.") and name != "calls.sweep"}
