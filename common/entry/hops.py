"""A hop: one call of a function, as a span of the trace that whatever started it belongs to.

Which trace that is stands in a header, in a message or in a document, and so is known only once that has been read.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Unpack

from common.core import spans, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from common.core.spans import About, Span
    from common.core.tracing import Trace

_current: ContextVar[Hop | None] = ContextVar("hop", default=None)


class Hop:
    """What has been begun for it is ended with it."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.span: Span | None = None


@contextmanager
def hop() -> Iterator[None]:
    """The block is one; its spans have left this process when it is over, if they do so in time."""
    now = Hop()
    token = _current.set(now)
    try:
        # What is thrown away (an event that concerns nobody) belongs to no trace and leaves no span.
        with tracing.following(None), now.open:
            yield
    finally:
        _current.reset(token)
        if now.span is not None:
            spans.leave(now.span.trace)


def follow(trace: Trace | None, name: str, **about: Unpack[About]) -> None:
    """From here on the hop belongs to `trace`, or to a new one, as a span of this name."""
    now = _current.get()
    if now is None:
        return
    now.open.enter_context(tracing.following(trace or tracing.begin()))
    now.span = now.open.enter_context(spans.span(name, **about))


def fail(error: Exception) -> None:
    """Say that it has failed, where its error is answered and not raised."""
    now = _current.get()
    if now is not None and now.span is not None:
        now.span.fail(type(error).__name__)
