"""How a model provider's failures are treated: what is tried again, how often, and what it becomes in the end."""

import random
from collections.abc import Callable
from typing import TypeVar

from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.retry_after import seconds_of

T = TypeVar("T")

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 0.5
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
# Our request, as it is, will never be accepted. Other 4xx are the operator's to mend (key, quota, model name).
REFUSED = frozenset({400, 413, 422})


class TimeLimit:
    """Seconds left for a whole call, retries included. They are real ones: models don't speed up with the clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = clock.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - clock.monotonic())


class TransientError(Exception):
    """A failure that may pass; `retry_after` is the provider's own advice in seconds."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def persist(call: Callable[[], T], *, provider: str, limit: TimeLimit) -> T:
    """Call until it succeeds, at most `MAX_ATTEMPTS` times and never beyond the limit.

    Raises:
        ProviderError: it did not succeed, or what was raised by `call`.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            return call()
        except TransientError as error:
            pause = error.retry_after
            if pause is None:
                pause = FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
            if attempt == MAX_ATTEMPTS or clock.seconds(pause) >= limit.remaining:
                raise ProviderError(f"{provider}: {error}") from None
            clock.pause(pause)
    raise AssertionError("the last attempt returns or raises")


def late(limit: TimeLimit, *, provider: str) -> ProviderError:
    """What to raise when the time is over."""
    return ProviderError(f"{provider}: no answer in {limit.seconds:.3g} s")


def failure(status: int, *, provider: str, retry_after: str | None = None) -> Exception:
    """What an HTTP status other than success stands for. The body stays out of it: it may quote the transcript."""
    if status in RETRIED:
        return TransientError(f"status {status}", seconds_of(retry_after))
    if status in REFUSED:
        return ProviderRefusedError(f"{provider}: the request was not accepted (status {status})")
    return ProviderError(f"{provider}: status {status}")
