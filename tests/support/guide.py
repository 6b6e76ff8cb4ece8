"""A guide's commands: what stands in its `sh` blocks, in order, and whether the shell understands it."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One command, over as many lines as it takes; `line` is where in the guide its block begins."""

    text: str
    line: int


def commands(path: Path) -> list[Command]:
    """Every command of a guide.

    Raises:
        ValueError: a block is no shell.
    """
    text = path.read_text(encoding="utf-8")
    return [
        Command(command, text.count("\n", 0, block.start()) + 1)
        for block in _BLOCK.finditer(text)
        for command in _split(block.group(1))
    ]


def _split(block: str) -> Iterator[str]:
    waiting: list[str] = []
    for line in block.splitlines():
        waiting.append(line)
        command = "\n".join(waiting)
        if not line.endswith("\\") and _is_whole(command):
            waiting = []
            if command.strip():
                yield command
    if waiting:
        raise ValueError(f"no whole command: {waiting[0]}")


def _is_whole(command: str) -> bool:
    """Whether nothing is missing at its end; of a document that does not end the shell only warns."""
    parsed = subprocess.run(["bash", "-n"], input=command + "\n", check=False, capture_output=True, text=True)  # noqa: S607
    return parsed.returncode == 0 and not parsed.stderr
