"""Which provider hears the next stream: the first in order that works, with rests for those that don't."""

import asyncio
from collections.abc import Sequence

from common.core import clock
from common.core.errors import ProviderError, ProviderExhaustedError
from common.speech import circuits
from common.speech.transcriber import StreamingTranscriber

_FIRST_REST_S = 1.0
_LONGEST_REST_S = 30.0


class Choice:
    """The providers of one connection, best first; where there is none, nobody is ever chosen."""

    def __init__(self, transcribers: Sequence[StreamingTranscriber]) -> None:
        self._transcribers = transcribers
        self._rests: dict[str, float] = {}
        self._resting_until: dict[str, float] = {}

    @property
    def has_others(self) -> bool:
        """Whether there is more than one."""
        return len(self._transcribers) > 1

    async def next(self) -> StreamingTranscriber:
        """The provider to ask now; waits while all of them rest."""
        while True:
            now = clock.monotonic()
            rested = [each for each in self._transcribers if self._resting_until.get(each.name, now) <= now]
            for transcriber in rested:
                if await asyncio.to_thread(circuits.closed, transcriber.name):
                    return transcriber
            if rested and not self.has_others:
                return rested[0]  # nobody else to turn to: better a try than none
            await asyncio.sleep(self._shortest_rest(now))

    async def failed(self, transcriber: StreamingTranscriber, error: Exception) -> None:
        """Leave a provider alone for a while, longer each time it fails without having settled anything.

        Only what is an error of the provider's is told to other instances: it may have been ours.
        """
        rest = self._rests.get(transcriber.name, _FIRST_REST_S)
        self._rests[transcriber.name] = min(2 * rest, _LONGEST_REST_S)
        self._resting_until[transcriber.name] = clock.monotonic() + clock.seconds(rest)
        if isinstance(error, ProviderExhaustedError) and error.pause_s is not None:
            self._resting_until[transcriber.name] = clock.monotonic() + error.pause_s
        if isinstance(error, ProviderError):
            await asyncio.to_thread(circuits.failed, transcriber.name, error)

    async def worked(self, transcriber: StreamingTranscriber) -> None:
        """It understood something: the next failure is a first one again."""
        self._rests.pop(transcriber.name, None)
        await asyncio.to_thread(circuits.worked, transcriber.name)

    def _shortest_rest(self, now: float) -> float:
        waits = [until - now for until in self._resting_until.values() if until > now]
        return min([*waits, clock.seconds(_FIRST_REST_S)])
