"""The words of segments, and when each of them was said, which is estimated by its letters. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from common.core.letters import UNSPACED
from common.models.segment import TranscriptSegment

PIECE = re.compile(rf"\s*(?:[{UNSPACED}]|[^\s{UNSPACED}]+)")
"""A word with the blanks before it; a sign where no blanks divide words."""


@dataclass(frozen=True)
class Word:
    """A word; it ends at the letter `to` of its segment's text, and when it was said in seconds."""

    text: str
    segment_id: str
    to: int
    start: float
    end: float

    @property
    def middle(self) -> float:
        """When it was said."""
        return (self.start + self.end) / 2

    @property
    def letters(self) -> str:
        """By which it is compared."""
        return "".join(letter for letter in self.text.casefold() if letter.isalnum())


def words_of(segments: Iterable[TranscriptSegment]) -> list[Word]:
    """The words of segments, in their order."""
    words: list[Word] = []
    for segment in segments:
        letter_s = (segment.end - segment.start) / max(1, len(segment.text))
        words += [
            Word(
                text=found.group(),
                segment_id=segment.id,
                to=found.end(),
                start=segment.start + letter_s * found.start(),
                end=segment.start + letter_s * found.end(),
            )
            for found in PIECE.finditer(segment.text)
        ]
    return words
