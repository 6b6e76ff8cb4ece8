"""Calls of tools that arrive in pieces over OpenAI's protocol: put together by their places, bounded."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.core.errors import ProviderError
from common.llm.talking import MOST_CALLS, Call

LONGEST_ARGUMENTS = 200_000
"""Characters of one call's."""
EXTRA = "extra_content"
"""What Gemini's models want to see again with a call, where they are spoken to by this protocol."""


@dataclass
class _Growing:
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: str = ""


class CallsInPieces:
    """The calls of one answer.

    A piece belongs to the call of its `index`; some servers leave that out, or count none, and send calls whole, or
    their arguments as the object itself.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._growing: dict[int, _Growing] = {}
        self._newest: dict[int, int] = {}
        self._overfull = False

    def add(self, part: Mapping[str, Any]) -> None:
        """Take what one event says about one call; of those after MOST_CALLS nothing.

        Raises:
            ProviderError: it is too much.
        """
        function = part.get("function") or {}
        place = self._place(part)
        if place not in self._growing and len(self._growing) >= MOST_CALLS:
            self._overfull = True
        if self._overfull:
            return
        call = self._growing.setdefault(place, _Growing())
        call.id = call.id or str(part.get("id") or "")
        call.name = call.name or str(function.get("name") or "")
        written = function.get("arguments") or ""
        if extra := part.get(EXTRA):
            call.extra = call.extra or json.dumps(extra, allow_nan=False)
        call.arguments += json.dumps(written) if isinstance(written, dict) else str(written)
        if len(call.arguments) + len(call.extra) > LONGEST_ARGUMENTS:
            raise ProviderError(f"{self._provider}: the arguments of a call do not end")

    def whole(self) -> Iterator[Call]:
        """The calls in their order; those without a name are none, and no two have the same id."""
        taken = set[str]()
        for place, call in sorted(self._growing.items()):
            if call.name:
                call_id = call.id or f"call_{place}"
                call_id = f"{call_id}_{place}" if call_id in taken else call_id
                taken.add(call_id)
                signature = call.extra.encode() or None
                yield Call(call_id, call.name, arguments_of(call.arguments), signature)

    def _place(self, part: Mapping[str, Any]) -> int:
        index = part.get("index")
        last = max(self._growing, default=-1)
        if isinstance(index, int):
            place = self._newest.get(index, index if index not in self._growing else last + 1)
            if place in self._growing and _is_another(part, self._growing[place]):
                place = last + 1
            self._newest[index] = place
            return place
        if last < 0:
            return 0
        begins = bool(part.get("id")) and self._growing[last].id != part["id"]
        return last + 1 if begins or _is_another(part, self._growing[last]) else last


def extra_of(signature: bytes | None) -> dict[str, Any]:
    """What `EXTRA` was in a call; nothing where the signature is that of another provider."""
    return (arguments_of(signature.decode(errors="replace")) if signature is not None else None) or {}


def _is_another(part: Mapping[str, Any], growing: _Growing) -> bool:
    """Whether a piece begins a call; a new id alone does not, for there are servers with one for every piece.

    Nor does it need one: there are servers that give all calls the same, or none.
    """
    function = part.get("function") or {}
    if not (function.get("name") and growing.name):
        return False
    if growing.id and part.get("id") and part["id"] != growing.id:
        return True
    written = function.get("arguments")
    begins = isinstance(written, dict) or str(written or "").lstrip().startswith("{")
    return begins and bool(growing.arguments.strip()) and arguments_of(growing.arguments) is not None


def arguments_of(text: str) -> dict[str, Any] | None:
    """The JSON object that a model wrote, None where it is none; nothing at all means no arguments."""
    if not text.strip():
        return {}
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
