"""Which providers are left alone for a while: one circuit per provider, shared by all instances.

A provider that failed several times in a row, or said that it takes nothing from us for now, is given a pause, by
everybody. Afterwards one caller tries it; when that works it is as before, and when it fails the pause is longer.
Durations are real seconds: providers live in real time. All calls here may wait for Redis, so an event loop makes them
in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.core import clock
from common.core.errors import ProviderExhaustedError, ProviderRefusedError
from common.core.logs import get_logger
from common.database import shared_notes

FAILURES = 3
"""Failures without a success between them that open a circuit, within `WINDOW_S` of the first."""
WINDOW_S = 60
PAUSE_S = 15.0
"""The first pause; each that follows a failed try is twice as long."""
EXHAUSTED_PAUSE_S = 300.0
"""For a provider that takes nothing and does not say for how long."""
LONGEST_PAUSE_S = 1800.0
PROBE_S = 30
"""How long one caller may try before another does: it may have died meanwhile."""
_REMEMBERED_S = 3600
"""How long after a pause it is known that there was one."""


@dataclass(frozen=True)
class _Pause:
    until: float
    length: float

    @classmethod
    def read(cls, name: str) -> _Pause | None:
        until, _, length = shared_notes.read(_pause_key(name)).partition(" ")
        return cls(float(until), float(length)) if until and length else None

    @property
    def over(self) -> bool:
        return self.until <= clock.now().timestamp()


def closed(name: str) -> bool:
    """Whether the provider may be used now.

    After its pause that is told to one caller, who then says how it went (`worked` or `failed`); the others hear of it.
    """
    pause = _Pause.read(name)
    if pause is None:
        return True
    return pause.over and shared_notes.take(_probe_key(name), seconds=PROBE_S)


def failed(name: str, error: BaseException | None) -> None:
    """Note that the provider failed, with `error` if there was one; a refused request says nothing about others."""
    if isinstance(error, ProviderRefusedError):
        shared_notes.forget(_probe_key(name))
        return
    pause = _Pause.read(name)
    if isinstance(error, ProviderExhaustedError):
        _open(name, error.pause_s if error.pause_s is not None else EXHAUSTED_PAUSE_S, pause)
    elif pause is not None:
        if pause.over:
            _open(name, 2 * pause.length, pause)
    elif shared_notes.count_up(_failures_key(name), seconds=WINDOW_S) >= FAILURES:
        _open(name, PAUSE_S, pause)


def worked(name: str) -> None:
    """Note that the provider did what it is for. During its pause that is an older attempt, and changes nothing."""
    pause = _Pause.read(name)
    if pause is not None and not pause.over:
        return
    close(name)


def close(name: str) -> None:
    """Use the provider again at once: somebody has mended it."""
    shared_notes.forget(_pause_key(name), _probe_key(name), _failures_key(name))


def _open(name: str, length: float, pause: _Pause | None) -> None:
    length = min(max(length, 1.0), LONGEST_PAUSE_S)
    until = clock.now().timestamp() + length
    if pause is not None and pause.until > until:
        return
    shared_notes.write(_pause_key(name), f"{until:.3f} {length:.3f}", seconds=round(length) + _REMEMBERED_S)
    shared_notes.forget(_probe_key(name), _failures_key(name))
    get_logger().warning("provider_left_alone", provider=name, seconds=length)


def _pause_key(name: str) -> str:
    return f"circuit:{name}:pause"


def _probe_key(name: str) -> str:
    return f"circuit:{name}:probe"


def _failures_key(name: str) -> str:
    return f"circuit:{name}:failures"
