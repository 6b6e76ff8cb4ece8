"""What a talking model says, as it can be stored, sent on and told again: whole characters, and plain arguments."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from common.llm.talking import Call, Piece

MOST_NESTED = 16
"""Levels of lists and objects in the arguments of a call."""
_LARGEST_NUMBER = 2**63


def whole_pieces(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, where a character that lies in two of them stands in one, and half a one is a replacement."""
    half = ""
    for piece in pieces:
        if not isinstance(piece, str):
            yield from _told(half)
            half = ""
            yield _plain_call(piece)
            continue
        text = half + piece
        half = text[-1:] if "\ud800" <= text[-1:] < "\udc00" else ""
        yield from _told(text.removesuffix(half))
    yield from _told(half)


def whole_text(text: str) -> str:
    """With halves of characters joined; those that stand alone are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_json(value: Any) -> Any:
    """The same JSON, decoded, with `whole_text` for every text in it.

    Raises:
        RecursionError: it is nested too deeply.
    """
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [whole_json(each) for each in value]
    if isinstance(value, dict):
        return {whole_text(name): whole_json(each) for name, each in value.items()}
    return value


def _told(text: str) -> Iterator[str]:
    if text:
        yield whole_text(text)


def _plain_call(call: Call) -> Call:
    """The call; without arguments where they are no plain ones, which the model is told then."""
    arguments = call.arguments if _is_plain(call.arguments) else None
    return replace(call, id=whole_text(call.id), name=whole_text(call.name), arguments=arguments)


def _is_plain(value: Any, nested: int = 0) -> bool:
    """Whether it is JSON that everybody can store: of whole characters, finite, no deeper and no larger than usual."""
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list):
        parts = value
    else:
        return _is_plain_leaf(value)
    return nested < MOST_NESTED and all(_is_plain(part, nested + 1) for part in parts)


def _is_plain_leaf(value: Any) -> bool:
    if isinstance(value, str):
        return value == whole_text(value)
    if isinstance(value, int):
        return -_LARGEST_NUMBER <= value < _LARGEST_NUMBER
    return value is None or (isinstance(value, float) and math.isfinite(value))
