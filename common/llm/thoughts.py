"""What a model thinks aloud before it answers, which some servers leave in its answer: nobody is meant to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from common.llm.talking import Piece

BEGIN = "<think>"
END = "</think>"


def without_thoughts(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, without the thoughts that the words begin with."""
    held, thought, thinking, answering = "", False, False, False
    for piece in pieces:
        if answering or not isinstance(piece, str):
            yield piece
            continue
        held += piece
        if not thought and held.lstrip().startswith(BEGIN):
            thought = thinking = True
        if thinking:
            held, thinking = _answer_in(held)
        if thought and not thinking:
            held = held.lstrip()
        if not thinking and held.strip() and not BEGIN.startswith(held.lstrip()):
            yield held
            held, answering = "", True
    if held and not thinking:
        yield held


def after_thoughts(answer: str) -> str:
    """What a whole answer says once the thoughts are over; all of it where there are none."""
    return answer.rpartition(END)[2]


def _answer_in(thought: str) -> tuple[str, bool]:
    """What follows the thought, and whether it goes on: then only so much is kept that its end is not overlooked."""
    _, ended, answer = thought.partition(END)
    return (answer, False) if ended else (thought[-len(END) :], True)
