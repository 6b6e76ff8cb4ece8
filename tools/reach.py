"""What a function's `main.py` reaches through imports, the lazy ones included: our files, and the names of others'."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from local.manifest import ROOT


@dataclass(frozen=True)
class Reach:
    """Our files, with the data beside them that they name, and every module that is not ours."""

    files: frozenset[Path]
    foreign: frozenset[str]


def reach(main: Path) -> Reach:
    """Everything from `main` on; what a package's `__init__` names belongs to whatever is inside the package."""
    files: set[Path] = set()
    foreign: set[str] = set()
    waiting = [main]
    while waiting:
        path = waiting.pop()
        if path in files:
            continue
        files.add(path)
        for name in imported_modules(path):
            if name.split(".")[0] == "common":
                waiting += _files(name)
            else:
                foreign.add(name)
    data = {beside for path in files if path != main for beside in _data(path)}
    return Reach(frozenset(files | data), frozenset(foreign))


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Every module a file imports anywhere; `from a import b` names both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def _data(path: Path) -> frozenset[Path]:
    """The files beside a module that it names, and the licences that go with these."""
    texts = [
        node.value for node in ast.walk(_parsed(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    others = [each for each in path.parent.iterdir() if each.is_file() and each.suffix not in {".py", ".pyc"}]
    named = {each for each in others if any(each.name in text for text in texts)}
    licences = {
        each for each in others if each.suffix == ".LICENSE" and any(n.name.startswith(each.stem) for n in named)
    }
    return frozenset(named | licences)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _files(module: str) -> list[Path]:
    """The files of one of our modules: itself, and the packages above it."""
    path = ROOT.joinpath(*module.split("."))
    above = [ROOT.joinpath(*module.split(".")[:depth]) / "__init__.py" for depth in range(1, module.count(".") + 1)]
    return [file for file in (path.with_suffix(".py"), path / "__init__.py", *above) if file.is_file()]
