"""The chat as an old client reads it: blocks between blank lines, joined again where they were torn apart."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LONG_PIECE = 1024
"""What an old client takes for the beginning of something longer."""


@dataclass
class Read:
    """What a stream said."""

    text: str = ""
    thoughts: list[str] = field(default_factory=list)
    heard: dict[str, Any] | None = None
    done: dict[str, Any] | None = None
    error: str | None = None
    kinds: list[str] = field(default_factory=list)


def read(pieces: Iterable[bytes]) -> Read:
    """Read a whole stream."""
    whole = b"".join(pieces).decode()
    assert whole.endswith("\n\n")
    result = Read()
    for block in _rejoined(whole.split("\n\n")):
        kind, separator, content = block.partition(": ")
        assert separator, f"a block without a kind: {block[:80]}"
        result.kinds.append(kind)
        if kind == "think":
            result.thoughts.append(content)
        elif kind == "data":
            result.text += content.replace("__CRLF__", "\n")
        elif kind == "error":
            result.error = content
        elif kind in {"done", "message"}:
            message: dict[str, Any] = json.loads(base64.b64decode(content).decode())
            if kind == "done":
                result.done = message
            else:
                result.heard = message
    return result


def _rejoined(pieces: Iterable[str]) -> Iterable[str]:
    """As old clients do it: what is long is joined with what follows, as far as the next short piece."""
    waiting = ""
    for piece in pieces:
        waiting += piece
        if piece and len(piece) < LONG_PIECE:
            yield waiting
            waiting = ""
    if waiting:
        yield waiting
