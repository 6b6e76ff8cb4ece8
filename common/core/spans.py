"""Spans: what took how long within a trace. Where none are kept (`TRACING=off`) this loads nothing.

They say which function, conversation, event and provider, and whether it failed. What they can say is a closed list:
never content, a name or a key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict, Unpack

from common.core import tracing
from common.core.tracing import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span as Recording


class About(TypedDict, total=False):
    """What a span may say."""

    conversation_id: str | None
    run: int
    event_id: str
    provider: str
    status: int


class Span:
    """One that has begun; ended once, however often it is said. `trace` is what is done within it belongs to."""

    def __init__(self, trace: Trace | None, recording: Recording | None = None) -> None:
        self.trace = trace
        self._recording = recording
        self._failed = False

    def note(self, **about: Unpack[About]) -> None:
        """Say more."""
        if self._recording is not None:
            self._recording.set_attributes(_attributes(about))

    def rename(self, name: str) -> None:
        """Call it something else."""
        if self._recording is not None:
            self._recording.update_name(name)

    def fail(self, error: str) -> None:
        """Say that it failed: the kind of the first error that it is told of, never its text."""
        if self._recording is not None and not self._failed:
            from opentelemetry.trace import StatusCode

            self._failed = True
            self._recording.set_status(StatusCode.ERROR, error)

    def end(self) -> None:
        """It is over."""
        if self._recording is not None:
            self._recording.end()
            self._recording = None


def begin(trace: Trace | None, name: str, **about: Unpack[About]) -> Span:
    """Begin a span of `trace`, which whoever calls this ends."""
    if trace is None or not trace.sampled:
        return Span(trace)
    from common.core import span_export

    recording = span_export.start(trace, name, _attributes(about))
    return Span(Trace(trace.trace_id, f"{recording.get_span_context().span_id:016x}"), recording)


@contextmanager
def span(name: str, **about: Unpack[About]) -> Iterator[Span]:
    """The block is a span of the current trace, if there is one; an error that leaves it is noted by its kind."""
    began = begin(tracing.current(), name, **about)
    try:
        with tracing.following(began.trace):
            yield began
    except Exception as error:
        began.fail(type(error).__name__)
        raise
    finally:
        began.end()


def leave(trace: Trace | None) -> None:
    """Let what has ended leave this process before it answers; waits a bounded time at most, and never fails.

    Args:
        trace: what the answer belongs to: where no spans of it are kept there is nothing to wait for.
    """
    if trace is not None and trace.sampled:
        from common.core import span_export

        span_export.flush()


def _attributes(about: About) -> dict[str, str | int]:
    return {f"earshot.{name}": value for name, value in about.items() if isinstance(value, str | int)}
