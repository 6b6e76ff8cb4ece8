"""How Pinecone is asked: again where that may help, within a limit of time, and its errors become ours.

The library by itself would try four times, each time with a limit of its own, and wait in between for as long as the
server says.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.core.logs import get_logger
from common.core.retry_after import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable

NO_ANSWER = "The search does not answer, try again"
_TRIES = 3
_FIRST_PAUSE_S = 0.2
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED = frozenset({400, 413, 422})
"""The request, as it is, will never be accepted."""
_NOT_LET_IN = frozenset({401, 402, 403})
_ABSENT = 404
_AN_ERROR = object()


def call(work: Callable[..., Any], *, within_s: float, absent: Any = _AN_ERROR, **asked: Any) -> Any:
    """What an index answers.

    Args:
        work: a method of an index.
        within_s: real seconds for all tries together; one of them gets half of it, so that a connection that has died
            unnoticed costs no answer.
        absent: what is returned where the index says that there is none of what is asked about; by itself an error.
        asked: what the method is given.

    Raises:
        ProviderRefusedError: it will answer the same again.
        ProviderExhaustedError: it lets us in no more.
        ProviderError: no answer in time, or none that can be read.
    """
    from pinecone import ApiError, PineconeConnectionError, PineconeTimeoutError, ResponseParsingError

    deadline = clock.Deadline.real(within_s)
    for attempt in range(1, _TRIES + 1):
        try:
            return work(**asked, timeout=min(within_s / 2, max(deadline.remaining, 0.001)))
        except (ApiError, PineconeConnectionError, PineconeTimeoutError, ResponseParsingError) as error:
            status = error.status_code if isinstance(error, ApiError) else None
            if status == _ABSENT and absent is not _AN_ERROR:
                return absent
            pause = _pause(error, attempt)
            over = attempt == _TRIES or clock.seconds(pause) >= deadline.remaining
            if over or isinstance(error, ResponseParsingError) or (status is not None and status not in _RETRIED):
                get_logger().warning("index_does_not_answer", error=type(error).__name__, attempt=attempt)
                raise _meant(status) from error
        clock.pause(pause)
    raise AssertionError("the last attempt returns or raises")


def _pause(error: Exception, attempt: int) -> float:
    """Seconds before the next try: as the server says, or a little longer each time."""
    said = seconds_of((getattr(error, "headers", None) or {}).get("retry-after"))
    return _FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.75, 1.25) if said is None else said  # noqa: S311 - jitter


def _meant(status: int | None) -> ProviderError:
    if status in _REFUSED:
        return ProviderRefusedError("The index does not accept this")
    if status in _NOT_LET_IN:
        return ProviderExhaustedError("The index lets us in no more")
    return ProviderError(NO_ANSWER)
