"""What a verb came to, and how it is told: lines for people, or one JSON object."""

import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DONE, LEFT, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all is well; something is wrong or left to do; the command line makes no sense; Ctrl-C."""


@dataclass(frozen=True)
class Outcome:
    """Facts, a table of things if there is one, and the exit code; `lines` are for people, where a table is not."""

    facts: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] | None = None
    code: int = DONE
    lines: list[str] | None = None


def tell(outcome: Outcome, *, as_json: bool) -> None:
    """Print it to standard output."""
    if as_json:
        told = outcome.facts if outcome.rows is None else {**outcome.facts, "rows": outcome.rows}
        _print(json.dumps(told, default=_text, ensure_ascii=False))
        return
    for line in _table(outcome.rows or []) if outcome.lines is None else outcome.lines:
        _print(line)
    for name, value in outcome.facts.items():
        _print(f"{name.replace('_', ' ')}: {_text(value)}")


def complain(message: str) -> None:
    """Print a line to standard error."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 - a command-line tool prints


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - as above


def _table(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    names = list(rows[0])
    cells = [names, *([_text(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _text(value: Any) -> str:
    match value:
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
        case dict():
            return ", ".join(f"{name} {_text(each)}" for name, each in value.items()) or "none"
        case list() | tuple():
            return ", ".join(_text(each) for each in value) or "none"
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
