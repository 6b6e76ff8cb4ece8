"""Calls of tools that arrive in pieces over OpenAI's protocol: put together by their places, bounded."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.core.errors import ProviderError
from common.llm.talking import Call

MOST_CALLS = 32
"""Of one turn."""
LONGEST_ARGUMENTS = 200_000
"""Characters of one call's."""


@dataclass
class _Growing:
    id: str = ""
    name: str = ""
    arguments: str = ""


class CallsInPieces:
    """The calls of one answer.

    A piece belongs to the call of its `index`; some servers leave that out and send calls whole, or their arguments as
    the object itself.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._growing: dict[int, _Growing] = {}

    def add(self, part: Mapping[str, Any]) -> None:
        """Take what one event says about one call.

        Raises:
            ProviderError: it is too much.
        """
        function = part.get("function") or {}
        call = self._growing.setdefault(self._place(part), _Growing())
        call.id = call.id or str(part.get("id") or "")
        call.name = call.name or str(function.get("name") or "")
        written = function.get("arguments") or ""
        call.arguments += json.dumps(written) if isinstance(written, dict) else str(written)
        if len(self._growing) > MOST_CALLS or len(call.arguments) > LONGEST_ARGUMENTS:
            raise ProviderError(f"{self._provider}: the model calls too much")

    def whole(self) -> Iterator[Call]:
        """The calls in their order; those without a name are none."""
        for place, call in sorted(self._growing.items()):
            if call.name:
                yield Call(call.id or f"call_{place}", call.name, arguments_of(call.arguments))

    def _place(self, part: Mapping[str, Any]) -> int:
        index = part.get("index")
        if isinstance(index, int):
            return index
        last = max(self._growing, default=-1)
        begins = bool(part.get("id")) and (last < 0 or self._growing[last].id != part["id"])
        return last + 1 if begins or last < 0 else last


def arguments_of(text: str) -> dict[str, Any] | None:
    """The JSON object that a model wrote, None where it is none; nothing at all means no arguments."""
    if not text.strip():
        return {}
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
