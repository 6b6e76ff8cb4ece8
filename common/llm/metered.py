"""Language models and embedders that count what they use (`common.core.metering`); otherwise as those they wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import metering, spans, tracing
from common.core.metering import Used
from common.llm.talking import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from common.llm.ports import Embedder, Picture, Purpose, SeeingModel, T
    from common.llm.talking import Piece, Talker, ToolDescription, Turn

_PICTURE_TOKENS = 300
"""About what a picture of ordinary size costs, where the provider does not say."""


class MeteredModel:
    """A language model."""

    def __init__(self, model: SeeingModel) -> None:
        self.name = model.name
        self._model = model

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        """As the model does."""
        return self._counted(
            lambda: self._model.generate(system=system, prompt=prompt, response=response),
            metering.estimate(system, prompt),
        )

    def look(self, picture: Picture, *, system: str, prompt: str, response: type[T]) -> T:
        """As the model does."""
        return self._counted(
            lambda: self._model.look(picture, system=system, prompt=prompt, response=response),
            metering.estimate(system, prompt) + _PICTURE_TOKENS,
        )

    def _counted(self, ask: Callable[[], T], tokens_in: int) -> T:
        answer: T | None = None
        with metering.reports() as reported:
            try:
                with spans.span("language_model", provider=self.name):
                    answer = ask()
            finally:  # what a failed call has cost is reported, too, or not known
                written = "" if answer is None else answer.model_dump_json()
                _count(self.name, reported, tokens_in=tokens_in if answer is not None else 0, said=written)
        return answer


class MeteredTalker:
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
        pieces = self._talker.talk(system=system, turns=turns, tools=tools, within_s=within_s)
        heard = [turn.text if isinstance(turn, Said) else turn.content for turn in turns]
        described = [f"{tool.name} {tool.description} {tool.parameters}" for tool in tools]
        pictures = sum(len(turn.pictures) for turn in turns if isinstance(turn, Said))
        return self._counted(pieces, metering.estimate(system, *heard, *described) + pictures * _PICTURE_TOKENS)

    def _counted(self, pieces: Iterator[Piece], tokens_in: int) -> Iterator[Piece]:
        said: list[str] = []
        reported: list[Used] = []
        span = spans.begin(tracing.current(), "language_model", provider=self.name)
        try:
            while True:
                # Only while the talker works: a generator's context is that of whoever asks it for the next piece.
                with metering.reports() as found:
                    try:
                        piece = next(pieces, None)
                    finally:
                        reported += found
                if piece is None:
                    return
                said.append(piece if isinstance(piece, str) else f"{piece.name} {piece.arguments}")
                yield piece
        except Exception as error:
            span.fail(type(error).__name__)
            raise
        finally:
            span.end()
            close = getattr(pieces, "close", None)
            if close is not None:
                with metering.reports() as found:  # what an answer has cost until nobody wanted the rest
                    close()
                reported += found
            _count(self.name, reported, tokens_in=tokens_in if said else 0, said="".join(said))


class MeteredEmbedder:
    """An embedder. What it costs is estimated where the provider does not say."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        """As the embedder does."""
        with metering.reports() as reported, spans.span("embedding", provider=self.name):
            vectors = self._embedder.embed(texts, purpose=purpose)
        tokens = sum(used.tokens_in for used in reported)
        guessed = 0 if reported else metering.estimate(*texts)
        metering.count("embedding", self.name, Used(calls=1, tokens_in=tokens + guessed, estimated=guessed))
        return vectors


def _count(name: str, reported: Sequence[Used], *, tokens_in: int, said: str) -> None:
    """Count a call as the provider has reported it, or else as it looks."""
    if reported:
        total = sum(reported, Used())
        metering.count("language_model", name, total + Used(calls=1))
        return
    tokens_out = metering.estimate(said)
    guessed = Used(calls=1, tokens_in=tokens_in, tokens_out=tokens_out, estimated=tokens_in + tokens_out)
    metering.count("language_model", name, guessed)
