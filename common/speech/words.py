"""Timed words of a recogniser to utterances: one speaker, no longer pause, whole sentences where these can be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.speech.transcriber import Utterance

PAUSE_S = 1.0
"""Silence that ends an utterance."""
_LONGEST_HELD_S = 10.0
_SHORTEST_S = 0.01
_SENTENCE_ENDS = (".", "?", "!", "…", "।", "؟", "۔")  # noqa: RUF001 - Devanagari, Arabic, Urdu
_WIDE_SENTENCE_ENDS = ("。", "？", "！")  # noqa: RUF001 - the scripts that put no space after them


@dataclass(frozen=True)
class Word:
    """A word, or a piece of one, with whatever stands between it and what comes before (a space, as a rule)."""

    text: str
    start: float
    end: float
    speaker: int = 0
    language: str | None = None

    @property
    def middle(self) -> float:
        """Which side of a cut it is on."""
        return (self.start + self.end) / 2


def to_utterances(words: Iterable[Word]) -> tuple[Utterance, ...]:
    """The words by speaker and pause."""
    runs: list[list[Word]] = []
    for word in words:
        if runs and not _parted(runs[-1][-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return tuple(_utterance(run) for run in runs if any(word.text.strip() for word in run))


class HeldWords:
    """Final words that come a few at a time, kept until what they belong to is complete."""

    def __init__(self) -> None:
        self._held: list[Word] = []

    @property
    def begin(self) -> float | None:
        """Where the first word begins that is still kept."""
        return self._held[0].start if self._held else None

    @property
    def speaker(self) -> int:
        """Who spoke last."""
        return self._held[-1].speaker if self._held else 0

    def add(self, words: Sequence[Word], *, until: float) -> tuple[Utterance, ...]:
        """What is complete now that these words, and nothing else before second `until`, have been said."""
        self._held += words
        if self._held and until - self._held[-1].end > PAUSE_S:
            return self.flush()
        return self._take(self._break())

    def flush(self) -> tuple[Utterance, ...]:
        """All that is kept: a turn is over."""
        return self._take(len(self._held))

    def before(self, words: Sequence[Word]) -> tuple[Utterance, ...]:
        """How it reads so far, with provisional words after those that are kept."""
        return to_utterances([*self._held, *words])

    def _take(self, count: int) -> tuple[Utterance, ...]:
        taken, self._held = self._held[:count], self._held[count:]
        return to_utterances(taken)

    def _break(self) -> int:
        """How many of the words are complete."""
        held = self._held
        for at in range(len(held) - 1, 0, -1):
            if _parted(held[at - 1], held[at]) or _ends_sentence(held[at - 1], held[at]):
                return at
        if held and held[-1].end - held[0].start > _LONGEST_HELD_S:
            return next((at for at in range(len(held) - 1, 0, -1) if _begins_word(held[at])), len(held))
        return 0


def _parted(before: Word, after: Word) -> bool:
    return before.speaker != after.speaker or after.start - before.end > PAUSE_S


def _ends_sentence(word: Word, following: Word) -> bool:
    text = word.text.rstrip()
    return text.endswith(_WIDE_SENTENCE_ENDS) or (text.endswith(_SENTENCE_ENDS) and _begins_word(following))


def _begins_word(word: Word) -> bool:
    return word.text[:1].isspace()


def _utterance(words: list[Word]) -> Utterance:
    languages = [word.language for word in words if word.language]
    return Utterance(
        text="".join(word.text for word in words).strip(),
        start=words[0].start,
        end=max(words[0].start + _SHORTEST_S, *(word.end for word in words)),
        speaker=words[0].speaker,
        language=max(languages, key=languages.count) if languages else None,
    )
