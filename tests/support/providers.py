"""Small deterministic providers behind the ports of speech and language."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from common.core.errors import ProviderError
from common.llm.ports import Dialogue, Purpose
from common.models.structured import ActionItem, ConversationCategory, Structured
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from local.environment import EMBEDDING_DIMENSION


@dataclass
class WordEmbedder:
    """Texts that share words are near each other. `before` is called first, and may change the world meanwhile."""

    name: str = "words"
    dimension: int = EMBEDDING_DIMENSION
    before: Callable[[], object] | None = None
    calls: int = 0

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:  # noqa: ARG002 - the port has it
        """Unit vectors, one axis per word."""
        self.calls += 1
        if self.before is not None:
            self.before()
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        values = [0.0] * self.dimension
        for word in text.lower().replace(".", " ").split() or ["nothing"]:
            values[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.dimension] += 1.0
        norm = math.sqrt(sum(value * value for value in values))
        return [value / norm for value in values]


@dataclass
class FirstWordsStructurer:
    """The title is how the dialogue begins. Fails as often as it is told to."""

    name: str = "first words"
    failures: int = 0
    before: Callable[[], object] | None = None
    dialogues: list[Dialogue] = field(default_factory=list)

    def structure(self, dialogue: Dialogue) -> Structured:
        """A structure that shows what it was made from."""
        self.dialogues.append(dialogue)
        if self.before is not None:
            self.before()
        if self.failures:
            self.failures -= 1
            raise ProviderError("the model is away")
        text = " ".join(turn.text for turn in dialogue.turns)
        return Structured(
            title=" ".join(text.split()[:3]),
            overview=text,
            category=ConversationCategory.WORK,
            action_items=[ActionItem(description="Send the budget")],
        )


@dataclass
class CountingTranscriber:
    """Says how many seconds it was given, in the middle of them. Fails as often as it is told to.

    `before` is called first, and may change the world meanwhile.
    """

    name: str = "counting"
    failures: int = 0
    before: Callable[[], object] | None = None
    heard: list[float] = field(default_factory=list)
    within_s: list[float] = field(default_factory=list)
    expected: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """The language and the vocabulary that it was told to expect."""

    def understands(self, language: str) -> bool:  # noqa: ARG002 - the port has it
        """Whatever is spoken."""
        return True

    def transcribe(
        self,
        pcm: bytes,
        *,
        language: str,
        vocabulary: Sequence[str] = (),
        within_s: float = math.inf,
    ) -> Heard:
        """One utterance per recording."""
        self.within_s.append(within_s)
        self.expected.append((language, tuple(vocabulary)))
        if self.before is not None:
            self.before()
        if self.failures:
            self.failures -= 1
            raise ProviderError("the recogniser is away")
        seconds = len(pcm) / BYTES_PER_SECOND
        self.heard.append(seconds)
        middle = seconds / 2
        words = f"these words were spoken somewhere within {seconds:g} seconds"
        return Heard((Utterance(words, middle, min(middle + 1, seconds)),), seconds)
