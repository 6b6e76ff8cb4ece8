"""What libraries complain about: which one, where, and what kind of error; never its words, which may quote anything.

A framework that prints what nobody has caught, a warning of a serializer, a thread that dies: all of them repeat the
values that they stumbled over, and with them what a user has said.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[[str, str, dict[str, Any], BaseException | None], None]
    """Is given a severity, an event, fields, and the error that it is about."""


class Complaints(logging.Handler):
    """Takes what is logged through Python's own logging, from warnings on."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one."""
        error = record.exc_info[1] if record.exc_info else None
        said_at = f"{record.filename}:{record.lineno} {record.funcName}"
        self._tell(record.levelname, "library_complained", {"library": record.name, "said_at": said_at}, error)


def take_up(tell: Tell) -> None:
    """Hear of all of them from now on, also where a server or a framework has seen to its own lines before."""
    root = logging.getLogger()
    for logger in [root, *logging.root.manager.loggerDict.values()]:
        if isinstance(logger, logging.Logger):
            _lead_on(logger)
    if not root.handlers:
        root.addHandler(Complaints(tell))

    def warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        del message
        said_at = f"{Path(filename).name}:{lineno}"
        tell("WARNING", "library_warned", {"kind": category.__name__, "said_at": said_at}, None)

    def died(thread: threading.ExceptHookArgs) -> None:
        if thread.exc_type is not SystemExit:
            tell("ERROR", "thread_died", {}, thread.exc_value)

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        tell("ERROR", "error_in_passing", {}, what.exc_value)

    warnings.showwarning = warned
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = died
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = unraisable


def _lead_on(logger: logging.Logger) -> None:
    """Its lines go to the root only, instead of to a terminal."""
    for handler in list(logger.handlers):
        if type(handler) is logging.StreamHandler:
            logger.removeHandler(handler)
            logger.propagate = True
