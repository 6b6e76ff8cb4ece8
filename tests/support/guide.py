"""A guide's commands: what stands in its `sh` blocks, in order, and what it shows of others and of their answers."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SHOWN = re.compile(r"^```\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One command, over as many lines as it takes; `line` is where in the guide its block begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Shown:
    """A command after `$`, and the lines that it is said to print; where not all are shown, some are `...`."""

    text: str
    printed: list[str]

    def differs(self, printed: str) -> str | None:
        """The first line that is shown and not printed, or is neither shown nor left out; numbers and ids are free."""
        there = [_plain(line) for line in printed.splitlines()]
        left = iter(there)
        for line in self.printed:
            if line != "..." and _plain(line) not in left:
                return line
        extra = [line for line in there if line not in {_plain(each) for each in self.printed}]
        return extra[0] if extra and "..." not in self.printed else None


def shown(path: Path) -> list[Shown]:
    """Every command that a guide shows with what it prints."""
    blocks = _SHOWN.findall(path.read_text(encoding="utf-8"))
    whole = [part.strip().splitlines() for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [Shown(first, printed) for first, *printed in whole]


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


def _plain(line: str) -> str:
    """A line without what is another one every time."""
    free = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=omi_dev_)[\w-]+|\d+", "#", line)
    return " ".join(free.split())


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
