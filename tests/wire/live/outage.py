"""A store that is away for a while."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import ServiceUnavailable


class Outage:
    """A store function that is away: for so many calls, or until it is switched on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, calls: int) -> None:
        self._real: Callable[..., Any] = getattr(module, name)
        self._lock = threading.Lock()
        self.left = calls
        self.refused = 0
        monkeypatch.setattr(module, name, self._call)

    def over(self) -> None:
        self.left = 0

    def _call(self, *arguments: Any, **options: Any) -> Any:
        with self._lock:
            if self.left:
                self.left -= 1
                self.refused += 1
                raise ServiceUnavailable("away")  # type: ignore[no-untyped-call]  # the library's
        return self._real(*arguments, **options)

    __name__ = "outage"
