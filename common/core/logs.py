"""Logs: one JSON object per line, a constant event name plus fields. Never a transcript, a name, a prompt or a key."""

import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from common.core import tracing
from common.core.ids import digest

_FRAMES_LOGGED = 8


def _severity(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Cloud Logging reads `severity` and `message`."""
    event["severity"] = method.upper()
    event["message"] = event.pop("event")
    return event


def _trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cloud Logging takes these three out of the line and shows it with its trace."""
    if (trace := tracing.current()) is not None:
        from common.core.settings import settings

        event["logging.googleapis.com/trace"] = f"projects/{settings().google_cloud_project}/traces/{trace.trace_id}"
        if trace.span_id is not None:
            event["logging.googleapis.com/spanId"] = trace.span_id
        event["logging.googleapis.com/trace_sampled"] = trace.sampled
    return event


def configure(stream: TextIO | None = None) -> None:
    """Set up the process's logging: to standard output, where the platform collects it, or to `stream`."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.TimeStamper(fmt="iso", key="time"),
            _severity,
            _trace,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stdout),
    )


def get_logger() -> FilteringBoundLogger:
    """A logger that carries what `bind` has bound in this context."""
    if not structlog.is_configured():
        configure()
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def where(error: BaseException) -> list[str]:
    """Where an error came from, innermost last; without its text, which may quote what must not be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-_FRAMES_LOGGED:]]


def bind(*, uid: str | None = None, **fields: str | int | None) -> None:
    """Bind fields to every later line of this context; the user only as a hash."""
    structlog.contextvars.clear_contextvars()
    known = {name: value for name, value in fields.items() if value is not None}
    if uid is not None:
        known["user"] = digest(uid)
    structlog.contextvars.bind_contextvars(**known)
