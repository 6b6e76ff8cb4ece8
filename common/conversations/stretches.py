"""The passages that a conversation is found by: about one turn each, which its neighbours give the context for.

A turn alone is what answers a question, and "Yes, on Friday" alone is found by nothing. So a passage is a turn, and
its vector and terms have a share of those around it (docs/decisions/0024-search.md).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.core.letters import UNSPACED
from common.models.segment import TranscriptSegment

LONGEST = 80
"""Words of a passage; where no blanks divide them, two characters are one."""
MOST = 1500
"""Passages of a conversation that are turns; where there would be more, neighbouring turns are joined."""
_INTERJECTION = 3
"""Words up to which a segment goes with the one before: "Yes, I do." """
SHARES = (0.3, 0.2)
"""What a neighbour's meaning adds to a passage's own, by its distance."""
TERM_SHARES = (0.6, 0.36)
"""The same of its terms."""

SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])(?![。！？])\s*|\n+")  # noqa: RUF001 - sentences end like that in Chinese
_UNSPACED = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(rf"\s*(?:[{UNSPACED}]{{1,2}}[^\w\s]*|[^\s{UNSPACED}]+)")
"""With the blanks before it, so that words together are the text."""


@dataclass(frozen=True)
class Stretch:
    """A passage: what was said, by which segments; times in seconds."""

    text: str
    segments: tuple[TranscriptSegment, ...]

    @property
    def segment_ids(self) -> tuple[str, ...]:
        """In the order they were said."""
        return tuple(segment.id for segment in self.segments)

    @property
    def start(self) -> float:
        """When it begins."""
        return self.segments[0].start

    @property
    def end(self) -> float:
        """When the last of it ends."""
        return max(segment.end for segment in self.segments)


def count_words(text: str) -> int:
    """How long a text is, whatever its script."""
    return len(_words(text))


def stretches(segments: Sequence[TranscriptSegment]) -> list[Stretch]:
    """The passages in their order, every word once: interjections join what they follow, long segments are cut."""
    made: list[Stretch] = []
    words = 0
    for segment in segments:
        count = count_words(segment.text)
        if count == 0:
            continue
        if made and count <= _INTERJECTION and words + count <= LONGEST:
            before = made.pop()
            made.append(Stretch(f"{before.text}\n{segment.text}", (*before.segments, segment)))
            words += count
            continue
        parts = list(_parts(segment.text)) if count > LONGEST else [segment.text]
        made += [Stretch(part, (segment,)) for part in parts]
        words = count_words(parts[-1])
    return made if len(made) <= MOST else _joined(made)


def shared(vectors: Sequence[Sequence[float]]) -> list[list[float]]:
    """Each passage's own vector with a share of its neighbours', of length one; a sum that has no length stays out."""
    return [_unit(_mixed(vectors, number)) or list(vectors[number]) for number in range(len(vectors))]


def neighbours(number: int, count: int, shares: Sequence[float]) -> Iterator[tuple[int, float]]:
    """The numbers of those around one of `count`, with the share each has."""
    for distance, share in enumerate(shares, 1):
        for other in (number - distance, number + distance):
            if 0 <= other < count:
                yield other, share


def _joined(made: Sequence[Stretch]) -> list[Stretch]:
    """As long as passages may be: of a day of talk there would be too many."""
    joined: list[Stretch] = []
    words = 0
    for stretch in made:
        count = count_words(stretch.text)
        if joined and words + count <= LONGEST:
            before = joined.pop()
            joined.append(Stretch(f"{before.text}\n{stretch.text}", (*before.segments, *stretch.segments)))
            words += count
        else:
            joined.append(stretch)
            words = count
    return joined


def _mixed(vectors: Sequence[Sequence[float]], number: int) -> list[float]:
    mixed = list(vectors[number])
    for other, share in neighbours(number, len(vectors), SHARES):
        mixed = [value + share * added for value, added in zip(mixed, vectors[other], strict=True)]
    return mixed


def _unit(vector: list[float]) -> list[float] | None:
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector] if length > 0 else None


def _parts(text: str) -> Iterator[str]:
    """A long text in parts that end with a sentence where one ends in time."""
    waiting: list[str] = []
    for sentence in SENTENCE_ENDS.split(text):
        words = _words(sentence)
        if waiting and len(waiting) + len(words) > LONGEST:
            yield _text(waiting)
            waiting = []
        if waiting and words and not _UNSPACED.search(words[0]):
            words[0] = f" {words[0]}"
        waiting += words
        while len(waiting) > LONGEST:
            yield _text(waiting[:LONGEST])
            waiting = waiting[LONGEST:]
    if waiting:
        yield _text(waiting)


def _words(text: str) -> list[str]:
    return _WORD.findall(text) if _UNSPACED.search(text) else [f" {word}" for word in text.split()]


def _text(words: Sequence[str]) -> str:
    return " ".join("".join(words).split())
