"""The command of administrators, in this process, on the stores."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.core.logs import configure
from common.core.settings import settings
from operate.command import do, understand
from tests.support.stores import Stores


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    told: dict[str, Any]
    complained: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.told["rows"]
        return rows


Operate = Callable[..., Ran]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Logs go nowhere, as they do where the command runs."""
    with Path(os.devnull).open("w") as nowhere:
        configure(nowhere)
        yield
        configure()


@pytest.fixture
def operate(stores: Stores, capsys: pytest.CaptureFixture[str]) -> Operate:
    """Run it; its answer as JSON."""
    assert stores

    def run(*words: str) -> Ran:
        capsys.readouterr()
        try:
            code = do(understand([*words, "--json"]))
        except SystemExit as refused:
            code = int(refused.code or 0)
        said = capsys.readouterr()
        return Ran(code, json.loads(said.out) if said.out.startswith("{") else {}, said.err)

    return run


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings for one test."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name.upper(), value)
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()
