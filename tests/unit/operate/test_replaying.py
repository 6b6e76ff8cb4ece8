"""Whoever adds a step says what an administrator can do when it was given up."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.manifest import ROOT
from operate.migrations import MIGRATIONS, Migration, in_order
from operate.replaying import AGAIN, INSTEAD

MAINS = sorted((ROOT / "functions").glob("*/main.py"))
WITHOUT_LETTERS = {"on_timer", "on_schedule"}
"""Triggers whose work is never given up by us."""


def _steps(main: Path) -> Iterator[str]:
    """The steps that a function's triggers name, as strings or as constants of ours."""
    tree = ast.parse(main.read_text(encoding="utf-8"))
    imported = {
        name.asname or name.name: (node.module or "", name.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in WITHOUT_LETTERS:
            for keyword in node.keywords:
                if keyword.arg == "step" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)
                elif keyword.arg == "step" and isinstance(keyword.value, ast.Name):
                    module, name = imported[keyword.value.id]
                    yield str(getattr(importlib.import_module(module), name))


def test_every_step_can_be_replayed_or_it_is_said_what_can_be_done_instead() -> None:
    steps = {step for main in MAINS for step in _steps(main)}
    assert {"structure_conversation", "notify_user", "transcribe_upload"} <= steps
    assert steps == AGAIN.keys() | INSTEAD.keys()
    assert not AGAIN.keys() & INSTEAD.keys()


def test_migrations_are_numbered_in_their_order() -> None:
    in_order(MIGRATIONS)
    first, second = (Migration(number, "n", lambda _, __: 0) for number in (1, 2))
    assert in_order([first, second]) == [first, second]
    for wrong in ([second], [second, first], [first, first]):
        with pytest.raises(ValueError, match="numbered"):
            in_order(wrong)
