"""Time that an answer has: it is made in a thread of its own, so that somebody is here to say that it goes on.

All seconds are real ones: models and apps don't speed up with the clock (CONTRACT section 6.2).
"""

import contextvars
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

from common.chat.ports import Part, Thinking
from common.core.clock import Deadline
from common.core.errors import ProviderError

TOTAL_S = 150.0
HEARTBEAT_S = 20.0
SETUP_S = 25.0
"""For finding out what a question needs."""
STILL_WORKING = "Still working"
TOO_LONG = "The answer took too long"

_WAITING = 64
"""Parts that are made before the first of them is taken."""
_CHECKED_S = 0.5
"""How often whoever makes parts looks whether anybody still wants them, while nobody takes any."""

_SOON_S = 0.001

T = TypeVar("T")


Emit = Callable[[Part], None]


def paced(
    work: Callable[[Emit], None], *, deadline: Deadline, stop: threading.Event, heartbeat_s: float = HEARTBEAT_S
) -> Iterator[Part]:
    """The parts as they are made; a thought now and then while none are.

    Args:
        work: makes them, in another thread and in the context of this call, and gives each to the function it gets.
        deadline: when nobody waits any longer.
        stop: is set when nobody wants the rest; `work` should end then.
        heartbeat_s: real seconds between thoughts.

    Raises:
        ProviderError: it took too long; and whatever `work` raises.
    """
    outlet = _Outlet(stop)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(outlet.run, work), name="answer", daemon=True).start()
    try:
        while (part := outlet.next(deadline, heartbeat_s)) is not None:
            yield part
    finally:
        stop.set()


class _Outlet:
    """Hands parts from one thread to another, no more at once than can wait."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._made: Queue[Part | BaseException | None] = Queue(_WAITING)

    def run(self, work: Callable[[Emit], None]) -> None:
        """Do the work; its end is handed over, too."""
        try:
            work(self.put)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self.put(error)
        else:
            self.put(None)

    def put(self, item: Part | BaseException | None) -> None:
        """Hand something over; it is dropped when nobody wants it any more."""
        while not self._stop.is_set():
            try:
                self._made.put(item, timeout=_CHECKED_S)
            except Full:
                continue
            return

    def next(self, deadline: Deadline, heartbeat_s: float) -> Part | None:
        """The next part, a thought where there is none yet, None at the end."""
        try:
            item = self._made.get(timeout=max(_SOON_S, min(heartbeat_s, deadline.remaining)))
        except Empty:
            if deadline.passed:
                raise ProviderError(TOO_LONG) from None
            return Thinking(STILL_WORKING)
        if isinstance(item, BaseException):
            raise item
        return item


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns, if it does so in time; else it is left to itself, which its own time limit ends.

    Raises:
        ProviderError: it took too long; and whatever `work` raises.
    """
    answers: Queue[tuple[T | None, BaseException | None]] = Queue(1)

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            answers.put((None, error))

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="setup", daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except Empty:
        raise ProviderError(TOO_LONG) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]  # there is one where there is no error
