"""A streaming recogniser that hears the numbers a test device speaks, and fails where it is told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from common.core.errors import ProviderError
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.wire.live.device import FRAME_S, numbers
from tests.wire.live.given import GivenAudio

NOTHING = 900
"""Numbers from here on turn out to be noise."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one stream, once it has heard `after_s` seconds."""

    kind: Literal["refuses", "breaks", "stalls", "never finishes", "disorder"]
    after_s: float = 0.0


@dataclass
class Recogniser:
    """Hears second by second; each stream that is opened takes the next fault."""

    name: str = "numbers"
    faults: deque[Fault | None] = field(default_factory=deque)
    streams: list["NumberStream"] = field(default_factory=list)
    padding: str = ""
    """Follows every number, so that a test can have long messages."""
    longest_s: float | None = None
    supposes: bool = False
    """Whether it tells what seems to be said before a second is over."""
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Language and vocabulary of each stream."""

    def understands(self, language: str) -> bool:  # noqa: ARG002 - the port has it
        """Numbers are the same everywhere."""
        return True

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> "NumberStream":
        self.asked.append((language, tuple(vocabulary)))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault.kind == "refuses":
            raise ProviderError("the recogniser is away")
        self.streams.append(NumberStream(fault, self.padding, supposes=self.supposes))
        return self.streams[-1]

    @property
    def given_s(self) -> float:
        """Seconds of audio given to all streams."""
        return sum(len(stream.pcm) for stream in self.streams) / BYTES_PER_SECOND


class NumberStream(GivenAudio):
    """One recognition."""

    def __init__(self, fault: Fault | None, padding: str, *, supposes: bool) -> None:
        super().__init__()
        self._fault = fault
        self._supposes = supposes
        self._padding = padding

    async def __aiter__(self) -> AsyncIterator[Heard]:
        second = 0
        while True:
            while len(self.pcm) >= (second + 1) * BYTES_PER_SECOND:
                if self._goes_wrong("disorder", second):
                    while len(self.pcm) < (second + 2) * BYTES_PER_SECOND:
                        await self._more()
                    yield Heard((*self._said(second + 1), *self._said(second)), float(second))
                    yield Heard((), float(second))
                    second += 2
                    self._fault = None
                    continue
                await self._fail(second)
                yield Heard(self._said(second), float(second + 1))
                second += 1
            if self._finished:
                if self._goes_wrong("never finishes", second):
                    await asyncio.Event().wait()
                yield Heard(self._said(second), len(self.pcm) / BYTES_PER_SECOND)
                return
            if self._supposes and (seeming := self._said(second, only_seeming=True)):
                yield Heard((), float(second), seeming)
            await self._more()

    async def _fail(self, second: int) -> None:
        if self._goes_wrong("breaks", second):
            raise ProviderError("the recogniser is gone")
        if self._goes_wrong("stalls", second):
            await asyncio.Event().wait()

    def _goes_wrong(self, kind: str, second: int) -> bool:
        return self._fault is not None and self._fault.kind == kind and second >= self._fault.after_s

    def _said(self, second: int, *, only_seeming: bool = False) -> tuple[Utterance, ...]:
        """The numbers in a second; zero is silence, and from NOTHING on they only seem to be said."""
        pcm = bytes(self.pcm[second * BYTES_PER_SECOND : (second + 1) * BYTES_PER_SECOND])
        at, utterances = float(second), []
        for number, run in groupby(numbers(pcm)):
            length = len(list(run)) * FRAME_S
            if number and (only_seeming or number < NOTHING):
                utterances.append(Utterance(f"{number}{self._padding}", at, at + length))
            at += length
        return tuple(utterances)
