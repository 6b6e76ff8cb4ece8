"""Which category and emoji a conversation has, by nearness of meaning, and by plain words where it isn't English."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from common.core.languages import primary_subtag
from common.llm.extractive.foreign_themes import foreign_theme
from common.llm.extractive.theme_examples import SAID
from common.llm.extractive.themes import CATEGORIES, EMOJIS
from common.llm.ports import Dialogue, Embedder, Turn
from common.llm.words import content_words
from common.models.structured import DEFAULT_EMOJI, ConversationCategory

_TOGETHER = 5
"""Turns that are understood together: alone most of them say little."""
_STEP = 3
_MOST_STRETCHES = 200
_NEAR = 0.2
_NEAR_IN_OTHER_LANGUAGES = 0.35
_NEAR_FOR_A_NOTE = 0.45
_NOTE_WORDS = 25
"""What somebody tells only the device, in so few words, is a note to themselves."""
_SOME_EMOJI = 0.15
_TALK_COUNTS = 2.0
"""How much more the talk of a category says about it than the list of its subjects."""
_ANYWHERE = 0.5
"""How much of what any talk is near to is taken off what a talk is about."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Theme:
    """What a talk is about: its category, an emoji, and the direction of what it says beside what any talk does."""

    category: ConversationCategory
    emoji: str
    subject: Matrix | None
    """`(dim,)`, of length 1; None where nothing is said."""


class Categorizer:
    """Compares stretches of talk with what categories and emojis are about."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def categorize(self, dialogue: Dialogue) -> Theme:
        """What it is about; `other` and the default emoji where nothing is near.

        Raises:
            ProviderError: as the embedder does.
        """
        told = [turn for turn in dialogue.turns if content_words(turn.text)]
        if not told:
            return Theme(ConversationCategory.OTHER, DEFAULT_EMOJI, None)
        talk = self._embed(_stretches([turn.text for turn in told])).mean(axis=0)
        [topic, subject] = _units(np.stack([talk, _units(talk[np.newaxis])[0] - _ANYWHERE * self._categories[2]]))
        emojis = self._emojis @ topic
        emoji = list(EMOJIS)[int(emojis.argmax())] if emojis.max() >= _SOME_EMOJI else DEFAULT_EMOJI
        return Theme(self._category(talk, topic, told, dialogue.language), emoji, subject)

    def _category(
        self, talk: Matrix, topic: Matrix, told: Sequence[Turn], language: str | None
    ) -> ConversationCategory:
        categories, anywhere, _ = self._categories
        best = int((categories @ talk - anywhere).argmax())
        nearest, nearness = list(CATEGORIES)[best], float(categories[best] @ topic)
        text = " ".join(turn.text for turn in told)
        spoken = primary_subtag(language)
        noted = all(turn.is_user for turn in told) and len(text.split()) <= _NOTE_WORDS
        if spoken in ("en", "") and nearness >= (_NEAR_FOR_A_NOTE if noted else _NEAR):
            return nearest
        if spoken != "en" and (theme := foreign_theme(text)) is not None:
            return theme
        if nearness >= _NEAR_IN_OTHER_LANGUAGES and not noted:
            return nearest
        return ConversationCategory.PERSONAL if noted else ConversationCategory.OTHER

    @cached_property
    def _categories(self) -> tuple[Matrix, Matrix, Matrix]:
        """What each is about and how people talk about it, how near each is to talk about anything, and such talk."""
        about = self._embed([f"A conversation about {about}" for about in CATEGORIES.values()])
        talk = np.asarray([self._embed(list(SAID[category])).mean(axis=0) for category in CATEGORIES])
        categories = _units(about + _TALK_COUNTS * _units(talk))
        anything = talk.mean(axis=0)
        return categories, categories @ anything, anything

    @cached_property
    def _emojis(self) -> Matrix:
        return self._embed(list(EMOJIS.values()))

    def _embed(self, texts: list[str]) -> Matrix:
        return np.asarray(self._embedder.embed(texts, purpose="document"), dtype=np.float64)


def _units(rows: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def _stretches(texts: Sequence[str]) -> list[str]:
    """Neighbours together, overlapping; evenly thinned out where there are very many."""
    starts = range(0, max(1, len(texts) - _TOGETHER + _STEP), _STEP)
    step = -(-len(starts) // _MOST_STRETCHES)
    return [" ".join(texts[start : start + _TOGETHER]) for start in starts[::step]]
