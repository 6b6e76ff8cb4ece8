"""Every operation of the REST surface, from its own description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from common.entry.api.app import create_app
from common.entry.api.surface import PARTS

_PLACEHOLDER = re.compile(r"\{(\w+)(?::path)?\}")


@dataclass(frozen=True)
class Operation:
    """A method on a path; `schemes` are the ways to say who one is, none for everybody."""

    method: str
    path: str
    schemes: frozenset[str]
    statuses: frozenset[str]
    takes_body: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path."""
        return tuple(_PLACEHOLDER.findall(self.path))

    def at(self, values: dict[str, str]) -> str:
        """The path with values in place of names; a name without one becomes `nothing`."""
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], "nothing"), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document."""
    described: dict[str, Any] = create_app(PARTS).openapi()
    return described


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, in the order of the document."""
    return tuple(
        Operation(
            method=method.upper(),
            path=path,
            schemes=frozenset(name for choice in operation.get("security", []) for name in choice),
            statuses=frozenset(operation["responses"]),
            takes_body="requestBody" in operation,
        )
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    )
