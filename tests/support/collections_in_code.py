"""Which collections the code names: every `collection(…)`, `collection_group(…)` and `Documents(…)`, read, not run.

A path has its collections' names, `{}` for each document; one whose beginning the call does not say begins with `…`;
`*` stands for what is found out while running.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType

from local.manifest import ROOT

_CALLS = {"collection", "collection_group", "Documents"}
_UNKNOWN = "*"
_ELSEWHERE = "…"

Segments = tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """A call, and the paths that it can mean; none where only its caller knows."""

    place: str
    paths: frozenset[str]


def named_in(folder: Path) -> Iterator[Named]:
    """All of the calls in the modules of a folder."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        if not any(f"{name}(" in text for name in _CALLS):
            continue
        for function, call in _calls(ast.parse(text), None):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            paths = {path for path in _Scope(importlib.import_module(name), function).paths(call) if path}
            yield Named(f"{name}.{function.name if function else ''}", frozenset(paths))


def _calls(node: ast.AST, function: ast.FunctionDef | None) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and child.args and _name_of(child.func) in _CALLS:
            yield function, child
        yield from _calls(child, child if isinstance(child, ast.FunctionDef) else function)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class _Scope:
    """What names mean in a function of a module."""

    def __init__(self, module: ModuleType, function: ast.FunctionDef | None) -> None:
        self._module = module
        self._function = function

    def paths(self, call: ast.Call) -> Iterator[str]:
        """What a call can mean, as paths; empty where the name of the collection itself is not known here."""
        root = ["firestore_client()", "Documents"]
        whole = _name_of(call.func) == "Documents" or (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "collection"
            and ast.unparse(call.func.value) in root
        )
        for parts in product(*(self._values(argument) for argument in call.args)):
            segments = [segment for part in parts for segment in part]
            if segments[-1] == _UNKNOWN:
                yield ""
            elif segments[0] == _UNKNOWN or not whole:
                yield f"{_ELSEWHERE}/{segments[-1]}"
            else:
                yield "/".join("{}" if at % 2 else segment for at, segment in enumerate(segments))

    def _values(self, node: ast.expr) -> list[Segments]:
        """The segments that an expression can stand for."""
        if isinstance(node, ast.Starred):
            return self._values(node.value)
        if isinstance(node, ast.Name) and (assigned := self._assigned(node.id)) is not None:
            return self._values(assigned)
        if isinstance(node, ast.Tuple):
            return [
                tuple(segment for part in parts for segment in part) for parts in product(*map(self._values, node.elts))
            ]
        return self._one_of(node) or [(self._text(node),)]

    def _one_of(self, node: ast.expr) -> list[Segments]:
        """What an expression can stand for that chooses."""
        match node:
            case ast.BoolOp(values=choices) | ast.Subscript(value=ast.Dict(values=choices)):
                return [segments for choice in choices for segments in self._values(choice)]
            case ast.Subscript(value=of) | ast.Call(func=ast.Attribute(value=of, attr="get")):
                found = self._global(of)
                return [(str(value),) for value in found.values()] if isinstance(found, dict) else []
        return []

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(map(self._text, node.values))
        found = self._global(node.value if isinstance(node, ast.FormattedValue) else node)
        return found if isinstance(found, str) else _UNKNOWN

    def _assigned(self, name: str) -> ast.expr | None:
        for node in ast.walk(self._function) if self._function else ():
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == name for target in node.targets):
                return node.value
        return None

    def _global(self, node: ast.expr) -> object:
        if isinstance(node, ast.Name):
            return getattr(self._module, node.id, None)
        if isinstance(node, ast.Attribute):
            return getattr(self._global(node.value), node.attr, None)
        return None
