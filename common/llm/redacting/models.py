"""Models of third parties, which are told nothing that nobody else shall learn; otherwise as those they wrap."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from common.llm.redacting.redact import redact, redact_json, redact_lines
from common.llm.talking import Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from common.llm.ports import Embedder, Picture, Purpose, SeeingModel, T
    from common.llm.talking import Call, Piece, Talker, ToolDescription, Turn


class RedactingModel:
    """A language model."""

    def __init__(self, model: SeeingModel) -> None:
        self.name = model.name
        self._model = model

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        """As the model does."""
        return self._model.generate(system=redact(system), prompt=redact(prompt), response=response)

    def look(self, picture: Picture, *, system: str, prompt: str, response: type[T]) -> T:
        """As the model does; what a picture shows is shown."""
        return self._model.look(picture, system=redact(system), prompt=redact(prompt), response=response)


class RedactingTalker:
    """Somebody who goes on with a conversation."""

    def __init__(self, talker: Talker) -> None:
        self.name = talker.name
        self._talker = talker

    def talk(
        self,
        *,
        system: str,
        turns: Sequence[Turn],
        tools: Sequence[ToolDescription] = (),
        within_s: float | None = None,
    ) -> Iterator[Piece]:
        """As the talker does."""
        texts = redact_lines([turn.text if isinstance(turn, Said) else turn.content for turn in turns])
        heard = [_saying(turn, text) for turn, text in zip(turns, texts, strict=True)]
        return self._talker.talk(system=redact(system), turns=heard, tools=tools, within_s=within_s)


class RedactingEmbedder:
    """An embedder; what is looked for is redacted as what was stored is, so the one still finds the other."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        """As the embedder does."""
        return self._embedder.embed([redact(text) for text in texts], purpose=purpose)


def _saying(turn: Turn, text: str) -> Turn:
    if isinstance(turn, Said):
        return replace(turn, text=text, calls=tuple(_calling(call) for call in turn.calls))
    return replace(turn, content=text, call=_calling(turn.call))


def _calling(call: Call) -> Call:
    """A tool may have been called with what the user said; ids and signatures are the model's own."""
    return call if call.arguments is None else replace(call, arguments=redact_json(call.arguments))
