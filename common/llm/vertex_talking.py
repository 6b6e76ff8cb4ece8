"""Free conversation with Gemini on Vertex AI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import ProviderError
from common.llm.talking import persist_talking
from common.llm.vertex import PROVIDER, said, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.genai import types

    from common.llm.policy import TimeLimit
    from common.llm.talking import Said
    from common.llm.vertex import VertexProject


class VertexTalker:
    """Gemini, its answer as a stream."""

    def __init__(self, project: VertexProject, *, model: str) -> None:
        self.name = f"{model} ({PROVIDER})"
        self._project = project
        self._model = model

    def talk(self, *, system: str, turns: Sequence[Said]) -> Iterator[str]:
        """What is said next, piece by piece."""
        limit = self._project.limit()
        contents = [said("user" if turn.by_user else "model", turn.text) for turn in turns]
        return persist_talking(lambda: self._pieces(system, contents, limit), provider=PROVIDER, limit=limit)

    def _pieces(self, system: str, contents: list[types.Content], limit: TimeLimit) -> Iterator[str]:
        from google.genai import types

        with self._project.exchange(limit) as options:
            complete = False
            replies = self._project.client.models.generate_content_stream(
                model=self._model,
                contents=list(contents),
                config=types.GenerateContentConfig(system_instruction=system, http_options=options),
            )
            while (reply := _next(replies)) is not None:
                if not limit.remaining:
                    raise self._project.late()
                if reply.candidates is None and reply.prompt_feedback is None:  # only figures
                    continue
                if text := text_of(reply):
                    yield text
                complete = complete or bool(reply.candidates and reply.candidates[0].finish_reason)
        if not complete:
            raise ProviderError(f"{PROVIDER}: the answer broke off")


def _next(replies: Iterator[types.GenerateContentResponse]) -> types.GenerateContentResponse | None:
    try:
        return next(replies, None)
    except (AttributeError, KeyError, TypeError):  # the SDK stumbles over what has not the form of an answer
        raise ProviderError(f"{PROVIDER}: the answer can't be read") from None
