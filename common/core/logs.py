"""Logs: one JSON object per line, a constant event name plus fields. Never a transcript, a name, a prompt or a key."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from common.core import clock, complaints, tracing
from common.core.ids import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

_FRAMES_LOGGED = 8
_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound", default={})  # noqa: B039 - nobody writes into it


class Logger:
    """Writes lines; each in one piece, whichever thread it comes from."""

    def __init__(self) -> None:
        self._stream: TextIO | None = None
        self._lock = threading.Lock()

    def write_to(self, stream: TextIO | None) -> None:
        """Write to `stream` from now on; None is standard output."""
        self._stream = stream

    def info(self, event: str, **fields: Any) -> None:
        """Something happened."""
        self._write("INFO", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Something went wrong that mends itself."""
        self._write("WARNING", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Something went wrong for good."""
        self._write("ERROR", event, fields)

    def complain(self, severity: str, event: str, fields: Mapping[str, Any], error: BaseException | None) -> None:
        """A library has said something, of which the kind and the place are told."""
        about = {} if error is None else {"error": type(error).__name__, "at": where(error)}
        self._write(severity, event, {**fields, **about})

    def _write(self, severity: str, event: str, fields: Mapping[str, Any]) -> None:
        """Write one; Cloud Logging reads `severity`, `message` and `time`."""
        said = {"severity": severity, "message": event, "time": clock.now().isoformat().replace("+00:00", "Z")}
        line = json.dumps({**_bound.get(), **fields, **said, **_trace()}, default=repr)
        stream = self._stream or sys.stdout
        # A disk that is full, on a laptop say, keeps no lines; what they are about goes on.
        with self._lock, suppress(OSError):
            stream.write(line + "\n")
            stream.flush()


def _trace() -> dict[str, Any]:
    """Cloud Logging takes these three out of the line and shows it with its trace."""
    trace = tracing.current()
    if trace is None:
        return {}
    from common.core.settings import settings

    named = f"projects/{settings().google_cloud_project}/traces/{trace.trace_id}"
    spans = {} if trace.span_id is None else {"logging.googleapis.com/spanId": trace.span_id}
    sampled = {"logging.googleapis.com/trace_sampled": trace.sampled}
    return {"logging.googleapis.com/trace": named, **spans, **sampled}


def configure(stream: TextIO | None = None) -> None:
    """Set up the process's logging: to standard output, where the platform collects it, or to `stream`."""
    get_logger().write_to(stream)
    hear_libraries()


def hear_libraries() -> None:
    """Have what libraries complain about become lines of ours."""
    complaints.take_up(get_logger().complain)


@cache
def get_logger() -> Logger:
    """The one whose lines carry what `bind` has bound in this context."""
    return Logger()


def where(error: BaseException) -> list[str]:
    """Where an error came from, innermost last; without its text, which may quote what must not be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-_FRAMES_LOGGED:]]


def bind(*, uid: str | None = None, **fields: str | int | None) -> None:
    """Bind fields to every later line of this context; the user only as a hash."""
    known: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    if uid is not None:
        known["user"] = digest(uid)
    _bound.set(known)
