"""What models and recognisers use during one piece of work, and for whom that is done.

It is counted as it happens and written down at the end, by whoever opened the meter (for a request, an event, …).
Adapters say what their provider reported (`report`), the wrappers around them count (`count`), the entry layer opens
(`metered`) and says for whom (`charge`). What nobody has opened a meter for is not counted.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Kind = Literal["language_model", "embedding", "speech"]
Line = tuple[Kind, str]
"""What was used, and whose: the name of a model or a recogniser."""
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Used:
    """An amount. `estimated` is how many of the tokens no provider has reported; `seconds` are of audio."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: int = 0
    seconds: float = 0.0

    def __add__(self, other: Used) -> Used:
        return Used(
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.estimated + other.estimated,
            self.seconds + other.seconds,
        )

    @property
    def tokens(self) -> int:
        """In both directions."""
        return self.tokens_in + self.tokens_out


@dataclass
class Meter:
    """Counts for one user, from several threads.

    `write` stores what was counted: at the end, and for what still comes after it (an answer that nobody listens to
    any more) at once. `known` is for whoever judges budgets: tokens that were written down for today, once they were
    looked up; by what was written down since they are outdated.
    """

    write: Callable[[str, Mapping[Line, Used]], None]
    uid: str | None = None
    known: int | None = None
    _lines: dict[Line, Used] = field(default_factory=dict)
    _tokens: int = 0
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def tokens(self) -> int:
        """Tokens of language models that were counted here and are not written down yet."""
        return self._tokens

    @property
    def due(self) -> bool:
        """Whether there is anything to be written down."""
        return bool(self._lines)

    def add(self, line: Line, used: Used) -> None:
        """Count."""
        with self._lock:
            self._lines[line] = self._lines.get(line, Used()) + used
            if line[0] == "language_model":
                self._tokens += used.tokens
        if self._closed:
            self.flush()

    def flush(self) -> None:
        """Write down what was counted since the last time; of nobody, nothing."""
        with self._lock:
            lines, self._lines = self._lines, {}
        if lines and self.uid is not None:
            self.write(self.uid, lines)
        with self._lock:
            self._tokens -= sum(used.tokens for (kind, _), used in lines.items() if kind == "language_model")
            self.known = None

    def close(self) -> None:
        """Write down, and from now on at once."""
        self._closed = True
        self.flush()


_current: ContextVar[Meter | None] = ContextVar("meter", default=None)
_reported: ContextVar[list[Used] | None] = ContextVar("reported", default=None)


@contextmanager
def metered(meter: Meter) -> Iterator[Meter]:
    """Count into `meter` until the block ends; it is for the caller to close it."""
    token = _current.set(meter)
    try:
        yield meter
    finally:
        _current.reset(token)


def current() -> Meter | None:
    """The meter of what is being done."""
    return _current.get()


def charge(uid: str) -> None:
    """Say for whom it is done."""
    if (meter := current()) is not None:
        meter.uid = uid


def count(kind: Kind, name: str, used: Used) -> None:
    """Count what was used."""
    if (meter := current()) is not None:
        meter.add((kind, name), used)


@contextmanager
def reports() -> Iterator[list[Used]]:
    """What providers report in this thread until the block ends."""
    found: list[Used] = []
    token = _reported.set(found)
    try:
        yield found
    finally:
        _reported.reset(token)


def report(tokens_in: object, tokens_out: object) -> None:
    """Say what a provider says that a request has cost; anything but whole numbers from 0 up is no report."""
    found = _reported.get()
    known = [value for value in (tokens_in, tokens_out) if isinstance(value, int) and value >= 0]
    if found is not None and len(known) == 2:  # noqa: PLR2004 - both
        found.append(Used(tokens_in=known[0], tokens_out=known[1]))


def estimate(*texts: str) -> int:
    """Roughly how many tokens some texts are: four bytes each, which suits English and is not far off elsewhere."""
    return sum(-(-len(text.encode(errors="replace")) // _BYTES_PER_TOKEN) for text in texts)
