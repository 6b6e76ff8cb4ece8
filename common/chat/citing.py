"""Markers `[n]` by which a model says which conversation it speaks of: taken out of its words as they come."""

import re

_MARKER = re.compile(r"[ \t]?\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?!\()")
_BEGUN = re.compile(r"[ \t]?(?:\[[\d,\s]{0,40}|\[[\d,\s]{1,40}\])?$")
"""What may still become a marker, at the end of the words so far; `](` would make it a link."""


class Citing:
    """Takes the markers out of an answer that comes in pieces, and remembers whom they meant."""

    def __init__(self) -> None:
        self._held = ""
        self._numbers: dict[int, None] = {}

    def feed(self, piece: str) -> str:
        """The words of a piece that are certainly no part of a marker."""
        text = self._held + piece
        begun = _BEGUN.search(text)
        at = begun.start() if begun else len(text)
        self._held = text[at:]
        return self._clean(text[:at])

    def rest(self) -> str:
        """What was held back, when no more pieces come."""
        held, self._held = self._held, ""
        return self._clean(held)

    def cited(self, numbered: list[str]) -> tuple[str, ...]:
        """The ids that were meant, in the order in which they were: the first of `numbered` is number 1."""
        known = (numbered[number - 1] for number in self._numbers if 0 < number <= len(numbered))
        return tuple(dict.fromkeys(known))

    def _clean(self, text: str) -> str:
        def note(found: re.Match[str]) -> str:
            self._numbers.update(dict.fromkeys(int(number) for number in found[1].split(",")))
            return ""

        return _MARKER.sub(note, text)
