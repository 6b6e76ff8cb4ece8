"""Which trace a piece of work belongs to. It is passed on at every hop, whether or not spans are kept of it.

On the wire it is W3C's `traceparent` (https://www.w3.org/TR/trace-context/), or Google's `X-Cloud-Trace-Context`.
"""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADER = "traceparent"
_GOOGLE_HEADER = "x-cloud-trace-context"
_W3C = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII)
_GOOGLE = re.compile(r"(?!0{32})([0-9a-fA-F]{32})(?:/([0-9]{1,20}))?(?:;o=[0-9])?", re.ASCII)
_IDS = 1 << 64
"""How many values the half of a trace's id has by which is decided, and how many ids of spans there are."""


@dataclass(frozen=True)
class Trace:
    """A trace, and the span in it that comes next above; None for a trace that has none yet."""

    trace_id: str
    span_id: str | None = None

    @property
    def sampled(self) -> bool:
        """Whether spans of it are kept. Its id decides, so that every hop comes to the same answer by itself."""
        from common.core.settings import settings  # pydantic is too large for a process that only logs

        known = settings()
        return known.tracing != "off" and int(self.trace_id[16:], 16) < known.tracing_ratio * _IDS

    @property
    def traceparent(self) -> str:
        """As the next hop is told."""
        return f"00-{self.trace_id}-{self.span_id or secrets.token_hex(8)}-{'01' if self.sampled else '00'}"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin() -> Trace:
    """A new one."""
    return Trace(secrets.token_hex(16))


def current() -> Trace | None:
    """The one of what is being done."""
    return _current.get()


def enter(trace: Trace | None) -> None:
    """The rest of this context, which is a request's or a connection's own, belongs to `trace`."""
    _current.set(trace)


@contextmanager
def following(trace: Trace | None) -> Iterator[None]:
    """What is done in the block belongs to `trace`."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def carried() -> dict[str, str]:
    """What the next hop is told, as headers or attributes; nothing where there is no trace."""
    trace = current()
    return {} if trace is None else {HEADER: trace.traceparent}


def read(traceparent: str | None) -> Trace | None:
    """The trace in W3C's form; None for anything else."""
    # A later version may append fields, ours may not.
    known = _W3C.fullmatch(traceparent or "")
    if known is None or (known[1] == "00" and known[4]):
        return None
    return Trace(known[2], known[3])


def of_headers(header: Callable[[str], str | None]) -> Trace | None:
    """The trace that a request belongs to, by a function that finds its headers; None where it names none."""
    told = read(header(HEADER))
    google = _GOOGLE.fullmatch(header(_GOOGLE_HEADER) or "")
    if told is not None or google is None:
        return told
    span = int(google[2] or 0)
    return Trace(google[1].lower(), f"{span:016x}" if 0 < span < _IDS else None)
