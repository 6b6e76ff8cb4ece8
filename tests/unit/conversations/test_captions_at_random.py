"""Live captions whatever comes together: no sample is heard twice, none is lost unnoticed, and all have their times.

Every sample says which it is. The audio, what a recogniser does with it and how long all of that takes are drawn at
random; time is virtual.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.conversations.coverage import NEGLIGIBLE_S
from common.conversations.live.captions import Captions
from common.conversations.live.hearing import Spoken
from common.conversations.live.pending import KEPT_S
from common.core.errors import ProviderError
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE, Heard, Utterance
from tests.support.virtual_time import run

_NUMBER = count()
_STEP = 40_503
"""Odd, so that 65536 samples in a row are all different."""
_BACK = pow(_STEP, -1, 65536)
_LONGEST = 250 * SAMPLE_RATE
_AUDIO = ((np.arange(_LONGEST, dtype=np.int64) * _STEP) & 0xFFFF).astype("<u2").tobytes()
_WORD = SAMPLE_RATE
_SLIVER = SAMPLE_RATE // 1000
_SURELY_KEPT_S = KEPT_S - 4.0
"""What is pending for less was not dropped to keep the bound, whatever the pieces are like."""


@dataclass(frozen=True)
class Say:
    """Audio: so many frames of so many samples, each after so much of the time that it lasts."""

    frames: int
    samples: int
    pace: float


@dataclass(frozen=True)
class Step:
    """What else happens, and for how many seconds."""

    kind: Literal["silence", "loss", "wait", "cut", "store is away"]
    seconds: float = 0.0


@dataclass(frozen=True)
class Conduct:
    """How one stream behaves; seconds."""

    seed: int = 0
    refuses: bool = False
    opens_in: float = 0.0
    takes_at_once: float = 1.0
    """Of what is offered."""
    send_s: float = 0.0
    late: bool = False
    """Whether it has what it is sent only once that was waited for."""
    behind_s: float = 0.0
    tells_every_s: float = 0.1
    supposes: bool = False
    ends: Literal["never", "raises", "ends", "stalls", "takes nothing more"] = "never"
    after_s: float = 0.0
    at_the_end: Literal["tells", "raises", "ends", "stalls"] = "tells"
    closes_in: float = 0.0


class Stream:
    """A recognition: makes words of a second at most of all that it is given."""

    def __init__(self, conduct: Conduct, words: list[np.ndarray]) -> None:
        self._conduct = conduct
        self._words = words
        self._random = random.Random(conduct.seed)  # noqa: S311 - a test repeats itself
        self._finished = False
        self.received = bytearray()

    @property
    def _samples(self) -> int:
        return len(self.received) // 2

    def _is_over(self, *kinds: str) -> bool:
        return self._conduct.ends in kinds and self._samples >= self._conduct.after_s * SAMPLE_RATE

    async def send(self, pcm: bytes) -> None:
        if self._is_over("takes nothing more"):
            await asyncio.sleep(self._random.choice([0.0, 1.0]))
            raise ProviderError("takes nothing more")
        if not self._conduct.late:
            self.received += pcm
        if self._conduct.send_s:
            await asyncio.sleep(self._conduct.send_s)
        if self._conduct.late:
            self.received += pcm

    def offer(self, pcm: bytes) -> bool:
        if self._is_over("takes nothing more") or self._random.random() >= self._conduct.takes_at_once:
            return False
        self.received += pcm
        return True

    async def keep_alive(self) -> None:
        await asyncio.sleep(self._conduct.send_s)

    async def finish(self) -> None:
        await asyncio.sleep(self._conduct.send_s)
        self._finished = True

    async def aclose(self) -> None:
        await asyncio.sleep(self._conduct.closes_in)

    async def __aiter__(self) -> AsyncIterator[Heard]:
        told = 0
        while True:
            if self._is_over("raises"):
                raise ProviderError("broken")
            if self._is_over("ends") and self._owes(told):
                return
            if self._is_over("stalls") or (self._finished and self._conduct.at_the_end == "stalls"):
                await self._stall()
            if self._finished and self._conduct.at_the_end == "raises":
                raise ProviderError("broken in the end")
            if self._finished and self._conduct.at_the_end == "ends" and self._owes(told):
                return
            behind = 0 if self._finished else round(self._conduct.behind_s * SAMPLE_RATE)
            until = max(told, self._samples - behind)
            if not self._finished and until - told > _WORD:
                until = self._random.randint(told, until)
            if until > told or self._finished:
                interim = (Utterance("?", until / SAMPLE_RATE, self._samples / SAMPLE_RATE),)
                yield Heard(self._said(told, until), until / SAMPLE_RATE, interim if self._conduct.supposes else ())
                told = until
            if self._finished and told == self._samples:
                return
            await asyncio.sleep(self._conduct.tells_every_s)

    async def _stall(self) -> None:
        """Say nothing more; of a stream that was finished the port does not have that go on for ever."""
        while not self._finished:  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(1.0)
        await asyncio.sleep(10.0)
        raise ProviderError("is silent")

    def _owes(self, told: int) -> bool:
        """Whether what it has not told may hold a word."""
        return (self._samples - told) / SAMPLE_RATE > NEGLIGIBLE_S

    def _said(self, begin: int, end: int) -> tuple[Utterance, ...]:
        jumps = begin + 1 + np.flatnonzero(np.diff(self._numbers(begin, end)) & 0xFFFF != 1)
        borders = sorted({*range(begin, end, _WORD), *jumps.tolist(), end})
        return tuple(self._word(first, last) for first, last in pairwise(borders))

    def _numbers(self, begin: int, end: int) -> np.ndarray:
        samples = np.frombuffer(bytes(self.received[2 * begin : 2 * end]), "<u2").astype(np.int64)
        return (samples * _BACK) & 0xFFFF

    def _word(self, begin: int, end: int) -> Utterance:
        self._words.append(self._numbers(begin, end))
        return Utterance(str(len(self._words) - 1), begin / SAMPLE_RATE, end / SAMPLE_RATE)


class Provider:
    """Opens streams that behave as planned, and then ones that behave well."""

    def __init__(self, plan: list[Conduct], words: list[np.ndarray], *, longest_s: float | None) -> None:
        self.name = f"random-{next(_NUMBER)}"
        self.longest_s = longest_s
        self.streams: list[Stream] = []
        self._plan = plan
        self._words = words

    def understands(self, language: str) -> bool:  # noqa: ARG002 - the port has it
        return True

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> Stream:  # noqa: ARG002 - the port has it
        conduct = self._plan.pop(0) if self._plan else Conduct()
        await asyncio.sleep(conduct.opens_in)
        if conduct.refuses:
            raise ProviderError("away")
        self.streams.append(Stream(conduct, self._words))
        return self.streams[-1]


class Connection:
    """Captions that are fed as a connection feeds them; what is heard is looked at by the sample.

    `begin`: the connection's moment at which that begins, which after hours is no longer an even number.
    """

    def __init__(self, providers: Sequence[Provider], words: list[np.ndarray], *, begin: float) -> None:
        self._begin = self._clock = begin
        self._at = 0
        self._words = words
        self._store_is_back_at = 0.0
        self._fed = np.zeros(_LONGEST, bool)
        self._silent = np.zeros(_LONGEST, bool)
        self._heard = np.zeros(_LONGEST, bool)
        self._lost = False
        self._pending_s = 0.0
        self.captions = Captions(
            language="en",
            vocabulary=[],
            transcribers=providers,
            spoken=self._spoken,
            speaking=lambda _: None,
            interrupted=lambda _: None,
            resumed=lambda _: None,
        )

    async def live(self, steps: Sequence[Say | Step]) -> None:
        self.captions.pass_over(0.0, self._begin)
        for step in steps:
            if isinstance(step, Say):
                await self._say(step)
            else:
                await self._do(step)
            self._look()

    async def _say(self, step: Say) -> None:
        for _ in range(step.frames):
            last = self._at + step.samples
            self._fed[self._at : last] = True
            self.captions.feed(self._clock, _AUDIO[2 * self._at : 2 * last])
            self._at = last
            self._clock += step.samples / SAMPLE_RATE
            self._look()
            if step.pace:
                await asyncio.sleep(step.pace * step.samples / SAMPLE_RATE)

    async def _do(self, step: Step) -> None:
        begin, at = self._clock, self._at
        if step.kind in {"silence", "loss"}:
            self._at += round(step.seconds * SAMPLE_RATE)
            self._clock += step.seconds
        match step.kind:
            case "silence":
                self._silent[at : self._at] = True
                self.captions.pass_over(begin, self._clock)
            case "loss":
                self._lost = True  # and what was said around it is for the repair
            case "cut":
                self.captions.cut(self._clock)
            case "store is away":
                self._store_is_back_at = asyncio.get_running_loop().time() + step.seconds
            case "wait":
                await asyncio.sleep(step.seconds)

    async def _spoken(self, spoken: Spoken) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.001, self._store_is_back_at - loop.time()))
        for word in spoken.utterances:
            said = self._words[int(word.text)]
            first, last = self._place(word.start), self._place(word.end)
            assert said[0] == first % 65536, f"begins {said[0] - first % 65536} samples late"
            places = first + np.concatenate([[0], np.cumsum(np.diff(said) & 0xFFFF)])
            assert places[-1] + 1 == last, f"ends {last - places[-1] - 1} samples late"
            assert self._fed[places].all()
            assert not self._heard[places].any(), "heard twice"
            self._heard[places] = True
            if not self.may_have_dropped:
                skipped = np.ones(last - first, bool)
                skipped[places - first] = False
                assert not (skipped & self._fed[first:last]).any(), "left out"

    def _place(self, moment: float) -> int:
        place = (moment - self._begin) * SAMPLE_RATE
        assert abs(place - round(place)) < 0.01, f"{place} lies between two samples"
        return round(place)

    def _look(self) -> None:
        """Whether no more is kept than may be, and how much there is to be kept."""
        audio = self.captions._audio
        kept = sum(len(piece.pcm) for piece in (*audio._sent, *audio._waiting)) / BYTES_PER_SECOND
        fresh = sum(map(len, audio._fresh._frames)) / BYTES_PER_SECOND
        assert kept == pytest.approx(audio._seconds, abs=1e-3)
        assert kept <= KEPT_S + 1e-3
        assert fresh <= 1.0
        self._pending_s = max(self._pending_s, self._clock - max(self._begin, self.captions.settled_until))

    @property
    def may_have_dropped(self) -> bool:
        return self._pending_s > _SURELY_KEPT_S

    def check(self, *, complete: bool) -> None:
        """Whether what counts as settled is what was heard, and nothing else."""
        settled = np.zeros(_LONGEST, bool)
        for each in self.captions.settled:
            settled[max(0, self._place(each.start)) : self._place(each.end)] = True
        heard = self._heard
        unheard = settled & self._fed & ~heard
        borders = np.flatnonzero(np.diff(np.concatenate([[False], unheard, [False]])))
        assert (borders[1::2] - borders[::2] <= _SLIVER).all(), f"counts as heard: {borders}"
        again = heard & ~settled
        assert not again.any(), f"{again.sum()} samples will be heard again, from {again.argmax()} on"
        if complete and not self.may_have_dropped and not self._lost:
            holes = (self._fed | self._silent) & ~settled
            assert not holes.any(), f"{holes.sum()} samples were not heard, from {holes.argmax()} on"


SAYING = st.builds(
    Say,
    frames=st.integers(1, 60),
    samples=st.sampled_from([160, 320, 320, 960, 1920, 37, 1, 333, 4000, 5000]),
    pace=st.sampled_from([0.0, 0.3, 1.0, 1.0, 1.2]),
)
STEPS = st.lists(
    st.one_of(
        SAYING,
        SAYING,
        st.builds(Step, st.just("silence"), st.sampled_from([0.5, 1.0, 7.0])),
        st.builds(Step, st.just("wait"), st.sampled_from([0.0005, 0.1, 3.0, 6.0, 20.0, 70.0])),
        st.builds(Step, st.just("cut")),
        st.builds(Step, st.just("loss"), st.sampled_from([0.25, 2.0])),
        st.builds(Step, st.just("store is away"), st.sampled_from([0.3, 5.0, 30.0])),
    ),
    min_size=1,
    max_size=25,
)
CONDUCTS = st.builds(
    Conduct,
    seed=st.integers(0, 1000),
    refuses=st.sampled_from([False, False, False, True]),
    opens_in=st.sampled_from([0.0, 0.0, 0.2, 3.0]),
    takes_at_once=st.sampled_from([1.0, 1.0, 0.9, 0.5, 0.0]),
    send_s=st.sampled_from([0.0, 0.0, 0.001, 0.05, 0.5]),
    late=st.booleans(),
    behind_s=st.sampled_from([0.0, 0.3, 2.0]),
    tells_every_s=st.sampled_from([0.02, 0.1, 1.0]),
    supposes=st.booleans(),
    ends=st.sampled_from(["never", "raises", "ends", "stalls", "takes nothing more"]),
    after_s=st.sampled_from([0.0, 0.1, 1.0, 3.0]),
    at_the_end=st.sampled_from(["tells", "tells", "raises", "ends", "stalls"]),
    closes_in=st.sampled_from([0.0, 0.1, 1.0]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=STEPS,
    plans=st.lists(st.lists(CONDUCTS, max_size=6), min_size=1, max_size=2),
    longest_s=st.sampled_from([None, None, 4.0, 10.0]),
    begin=st.sampled_from([0.0, 3 * 3600 + 0.1 + 0.2]),
    stays=st.booleans(),
)
def test_what_counts_as_heard_was_heard_once_in_order_and_when_it_was_said(
    steps: list[Say | Step], plans: list[list[Conduct]], longest_s: float | None, begin: float, *, stays: bool
) -> None:
    words: list[np.ndarray] = []
    providers = [Provider(list(plan), words, longest_s=longest_s) for plan in plans]

    async def scenario() -> None:
        connection = Connection(providers, words, begin=begin)
        running = asyncio.create_task(connection.captions.run())
        await connection.live(steps)
        if stays:
            connection.captions.finish()
            async with asyncio.timeout(24 * 3600):
                await running
        else:
            running.cancel()
            await asyncio.wait({running})
            assert running.cancelled() or running.exception() is None
        connection.check(complete=stays)

    run(scenario)
