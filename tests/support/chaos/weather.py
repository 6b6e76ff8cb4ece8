"""A chaos: a cloud, its users, everything that goes wrong at once, the calm after it, and what is left then."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from socket import socket

import httpx

from local.process import ReadyProcess
from tests.support.chaos.havoc import Havoc
from tests.support.chaos.ledger import Ledger, balance
from tests.support.chaos.model import ChaosModel
from tests.support.chaos.users import User
from tests.support.cloud import RunningCloud
from tests.support.speech_servers.serving import KEY
from tests.support.waiting import eventually
from tests.support.webhook_receiver import Answer, Receiver, answering, receiving

_PATIENCE_S = 300.0
_STILL_S = 3.0
_SOON_S = 10.0
"""Real seconds; what is due later is a timer."""
_TOLD = 40
_BAD_RECEIVER = 0.2


@dataclass(frozen=True)
class Chaos:
    """How many users for how many real seconds, how fast, how much of what is called fails; drawn by the seed."""

    seed: int
    users: int = 6
    seconds: float = 40.0
    scale: float = 12.0
    trouble: float = 0.03


@dataclass
class Outcome:
    """What became of it. `took_s`: until all was said, all was still."""

    chaos: Chaos
    ledger: Ledger
    faults: Counter[str]
    answers: Counter[int]
    took_s: tuple[float, float]

    def __str__(self) -> str:
        ledger = self.ledger
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        wrong = "".join(f"\n  {each}" for each in ledger.wrong[:_TOLD])
        return (
            f"seed {self.chaos.seed}: faults injected {self.faults.total()} ({faults}) "
            f"besides {self.chaos.trouble:.0%} of all calls, answers "
            f"{dict(sorted(self.answers.items()))}, accepted {ledger.accepted}, "
            f"lost {len(ledger.lost)}, duplicated {len(ledger.duplicated)}, stuck {len(ledger.stuck)}, "
            f"leaked {len(ledger.leaked)}, resurrected {len(ledger.resurrected)}, "
            f"said in {self.took_s[0]:.0f} s, still after {self.took_s[1]:.0f} s{wrong}"
        )


def unleash(chaos: Chaos, folder: Path) -> Outcome:
    """Have it out: chaos, then `kill -9` to everything, then calm until nothing moves any more."""
    began = time.monotonic()
    providers = ReadyProcess("tests.support.storm.providers", [str(chaos.seed), str(folder / "providers.json")])
    deepgram, _ = providers.url.split(",")
    model = ChaosModel(chaos.seed)
    with receiving() as receiver, model.serving():
        cloud = RunningCloud(
            folder / "cloud",
            options=[
                "--time-scale",
                str(chaos.scale),
                "--deliver-twice",
                "--shuffle",
                str(chaos.seed),
                "--delay",
                "20",
            ],
            variables={
                "LANGUAGE_MODEL": "openai",
                "OPENAI_BASE_URL": f"{model.address}/v1",
                "OPENAI_API_KEY": "any",
                "MODEL_TIMEOUT_S": "20",
                "BATCH_TRANSCRIBERS": "deepgram",
                "DEEPGRAM_URL": f"http://127.0.0.1:{deepgram}",
                "DEEPGRAM_API_KEY": KEY,
                "KEY_REQUESTS_PER_MINUTE": "100000",
            },
        )
        calm = list(cloud.options)
        try:
            cloud.options = [*calm, "--trouble", str(chaos.trouble)]
            cloud.start()
            users, faults = asyncio.run(_rage(chaos, cloud, model, receiver))
            said_s = time.monotonic() - began
            cloud.kill()
            cloud.options = calm
            cloud.start()
            _await_calm(cloud)
            still_s = time.monotonic() - began
            ledger = balance(users, cloud, receiver.received)
        finally:
            cloud.kill()
            providers.kill()
    answers = sum((user.answers for user in users), Counter[int]())
    return Outcome(chaos, ledger, faults + model.faults, answers, (said_s, still_s))


async def _rage(
    chaos: Chaos, cloud: RunningCloud, model: ChaosModel, receiver: Receiver
) -> tuple[list[User], Counter[str]]:
    random = Random(chaos.seed)  # noqa: S311 - no secret
    async with AsyncExitStack() as open_:
        users = []
        for number in range(chaos.users):
            uid = f"chaos-{number}"
            api = httpx.AsyncClient(
                base_url=cloud.url, headers={"Authorization": f"Bearer {cloud.token(uid)}"}, timeout=45.0
            )
            await open_.enter_async_context(api)
            users.append(User(uid, api, cloud.inside, Random(random.randrange(10**9))))  # noqa: S311 - as above
        for user in users:
            await _settled(user, receiver)
        receiver.answers = [_moody(Random(chaos.seed))]  # noqa: S311 - as above
        model.bad = True
        havoc = Havoc(cloud, seed=chaos.seed, scale=chaos.scale)
        havoc.start()
        begun = time.monotonic()
        for user in users[:: max(2, chaos.users // 2)]:
            user.leaves_at = begun + random.uniform(0.3, 0.9) * chaos.seconds
        try:
            async with asyncio.TaskGroup() as tasks:
                for user in users:
                    tasks.create_task(user.live(begun + chaos.seconds))
        finally:
            await asyncio.to_thread(havoc.end)
    model.bad = False
    receiver.answers = [answering()]
    return users, havoc.faults


async def _settled(user: User, receiver: Receiver) -> None:
    """Settled in; stores are not well from the beginning."""
    for _ in range(10):
        try:
            await user.settle_in(receiver.url)
        except httpx.HTTPError:
            await asyncio.sleep(0.5)
        else:
            return
    raise AssertionError(f"{user.uid} could not settle in")


def _moody(random: Random) -> Answer:
    well, ill = answering(), answering(status="503 Service Unavailable")

    def answer(connection: socket) -> None:
        (ill if random.random() < _BAD_RECEIVER else well)(connection)

    return answer


def _await_calm(cloud: RunningCloud) -> None:
    """Until nothing is under way, for a while."""
    calm_since: list[float] = []

    def calm() -> bool:
        if _moves(cloud):
            calm_since.clear()
            return False
        calm_since.append(time.monotonic())
        return calm_since[-1] - calm_since[0] > _STILL_S

    eventually(lambda: calm() or None, within_s=_PATIENCE_S, what="nothing moves any more", every_s=0.5)


def _moves(cloud: RunningCloud) -> bool:
    """Whether anything is to be delivered soon, or waits for its end."""
    with closing(sqlite3.connect(f"file:{cloud.data / 'cloud.db'}?mode=ro", uri=True)) as deliveries:
        # Of a delivery whose worker died nobody knows for two real minutes whether the address was still being asked.
        due = "SELECT count(*) FROM delivery_items WHERE due < ? OR queue LIKE '%/webhooks'"
        soon = (time.time() + _SOON_S) * 1e6
        if deliveries.execute(due, (soon,)).fetchone()[0] or cloud.inside.unfinished():
            return True
    found = cloud.inside.firestore.collection("account_deletions").stream()
    return any((snapshot.to_dict() or {}).get("state") != "done" for snapshot in found)
