"""A storm: a cloud, its speech providers, many devices, and everything that goes wrong with them at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psutil

from local.process import ReadyProcess
from tests.support.cloud import RunningCloud
from tests.support.speech_servers.serving import KEY
from tests.support.storm.devices import Device, Plan
from tests.support.storm.ledger import Ledger, balance
from tests.support.waiting import eventually

_NUMBERS_EACH = 2000
_KILLS = (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGKILL)
_STOPPED_S = 18.0
"""Real seconds for which a stopped process stands still. Its conversations are closed meanwhile, which is so quick here
because silence is accelerated and connections are not; after 20 s its last words are not waited for any more, and who
went on then would find words cut in two: one half understood with what was stored, the other with what it stores.
"""
_PATIENCE_S = 800.0
_STILL_S = 4.0
_TOLD = 40
"""Lines of what is wrong that a report has at most."""


@dataclass(frozen=True)
class Storm:
    """How many streams of how many seconds, how fast, and by which seed everything is drawn."""

    seed: int
    streams: int
    seconds: float
    speed: float = 8.0
    firestore_delay_s: float = 0.15

    def plans(self) -> list[Plan]:
        """Most send PCM; every tenth sends Opus, two have two channels, every third is silent for a while."""
        plans: list[Plan] = []
        channels = 0
        random = Random(self.seed)  # noqa: S311 - no secret
        for number in range(self.streams):
            count = 2 if number % 15 == 1 else 1
            silent = (random.uniform(0.2, 0.7) * self.seconds,) if number % 3 == 0 else ()
            firsts = tuple(_NUMBERS_EACH * (channels + each) for each in range(count))
            channels += count
            plans.append(
                Plan(
                    uid=f"storm-{number}",
                    seed=random.randrange(10**9),
                    firsts=firsts,
                    seconds=self.seconds,
                    codec="opus_fs320" if number % 10 == 2 else "pcm16",
                    silences=silent,
                )
            )
        return plans


@dataclass
class Outcome:
    """What became of a storm.

    `numbers`: how many were said, or begun to be. `took_s`: until all was said, all was terminal, all was known.
    `stalls`: seconds for which all connections stood still at once, each time.
    """

    storm: Storm
    ledger: Ledger
    faults: Counter[str]
    violations: list[str]
    numbers: int
    took_s: tuple[float, float, float]
    stalls: list[float]

    def __str__(self) -> str:
        ledger, faults = self.ledger, ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        wrong = "".join(f"\n  {each}" for each in [*ledger.wrong, *self.violations][:_TOLD])
        return (
            f"seed {self.storm.seed}: streams {self.storm.streams} of {self.storm.seconds:g} s, "
            f"faults injected {self.faults.total()} ({faults}), "
            f"accepted {ledger.accepted} numbers in {ledger.stored_s:.2f} s, "
            f"transcribed or silent {ledger.understood_s:.2f} s, lost {len(ledger.lost)}, "
            f"duplicated {len(ledger.duplicated)}, out of order {len(ledger.disordered)}, "
            f"split {ledger.split}, late {ledger.late}, "
            f"conversations {ledger.conversations} terminal {ledger.terminal}, "
            f"stalls {len(self.stalls)}, the longest {max(self.stalls, default=0.0):.1f} s, "
            f"said in {self.took_s[0]:.0f} s, terminal after {self.took_s[1]:.0f} s{wrong}"
        )


def brew(storm: Storm, folder: Path) -> Outcome:
    """Have it out, to the last conversation."""
    began = time.monotonic()
    report = folder / "providers.json"
    providers = ReadyProcess("tests.support.storm.providers", [str(storm.seed), str(report)])
    deepgram, soniox = providers.url.split(",")
    cloud = RunningCloud(
        folder / "cloud",
        options=["--time-scale", str(storm.speed), "--firestore-delay", str(storm.firestore_delay_s)],
        variables={
            "STREAMING_TRANSCRIBERS": "deepgram,soniox",
            "BATCH_TRANSCRIBERS": "deepgram",
            "DEEPGRAM_URL": f"http://127.0.0.1:{deepgram}",
            "DEEPGRAM_API_KEY": KEY,
            "SONIOX_URL": f"ws://127.0.0.1:{soniox}",
            "SONIOX_API_KEY": KEY,
        },
    )
    try:
        cloud.start()
        devices = [
            Device(plan, url=cloud.url, token=cloud.token(plan.uid), speed=storm.speed) for plan in storm.plans()
        ]
        faults = _rage(storm, cloud, devices)
        raged_s = time.monotonic() - began
        _hang_up(cloud, devices)
        _await_calm(cloud)
        calm_s = time.monotonic() - began
        ledger = balance(devices, cloud)
        providers.stop()
    finally:
        cloud.kill()
        providers.kill()
    told = json.loads(report.read_text())
    faults += Counter({**told["faults"], "refuses": told["refused"]})
    faults += Counter({f"recording {status}": count for status, count in told["recordings"].items() if status != "200"})
    numbers = sum(len(ended) for device in devices for voice in device.voices for ended in voice.ended)
    took_s = (raged_s, calm_s, time.monotonic() - began)
    return Outcome(storm, ledger, faults, told["violations"], numbers, took_s, _stalls(folder))


def _rage(storm: Storm, cloud: RunningCloud, devices: list[Device]) -> Counter[str]:
    """Everybody speaks; the listen process is killed again and again meanwhile, and once made to stand still."""
    faults: Counter[str] = Counter()
    failures: list[BaseException] = []

    def speak() -> None:
        try:
            asyncio.run(_all(devices))
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    random = Random(storm.seed)  # noqa: S311 - no secret
    moments = [(number + random.uniform(0.3, 0.9)) / (len(_KILLS) + 0.5) for number in range(len(_KILLS))]
    for moment, kill in zip(moments, _KILLS, strict=True):
        while speaking.is_alive() and sum(each.sent_s for each in devices) < moment * storm.seconds * storm.streams:
            time.sleep(0.05)
        if speaking.is_alive():
            faults[kill.name] += _signal_listen(cloud, kill)
        if kill is signal.SIGSTOP:
            time.sleep(_STOPPED_S)
            _signal_listen(cloud, signal.SIGCONT)
    speaking.join()
    if failures:
        raise failures[0]
    faults["disconnect"] = sum(len(device.stored) for device in devices)
    return faults


def _stalls(folder: Path) -> list[float]:
    """What `listen` says of itself."""
    lines = (folder / "cloud" / "logs" / "listen.log").read_text(errors="replace").splitlines()
    return [float(json.loads(line)["seconds"]) for line in lines if '"event_loop_stalled"' in line]


async def _all(devices: list[Device]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for device in devices:
            tasks.create_task(device.run())


def _signal_listen(cloud: RunningCloud, kill: signal.Signals) -> int:
    """How many processes it reached."""
    assert cloud.process is not None
    folder = str(Path("functions") / "listen")
    reached = 0
    for process in psutil.Process(cloud.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(folder in argument for argument in process.cmdline()):
                os.kill(process.pid, kill)
                reached += 1
    return reached


def _hang_up(cloud: RunningCloud, devices: list[Device]) -> None:
    """A call (several channels) is over when its client says so."""
    for device in devices:
        if len(device.plan.firsts) > 1:
            with cloud.client(device.plan.uid) as api:
                api.post("/v1/conversations", json={}).raise_for_status()


def _await_calm(cloud: RunningCloud) -> None:
    """Until nothing is in progress or processing, for a while."""
    calm_since: list[float] = []

    def calm() -> Any:
        if cloud.inside.unfinished():
            calm_since.clear()
            return None
        calm_since.append(time.monotonic())
        return calm_since[-1] - calm_since[0] > _STILL_S

    eventually(calm, within_s=_PATIENCE_S, what="nothing is in progress or processing", every_s=0.5)
