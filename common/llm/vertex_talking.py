"""Free conversation with Gemini on Vertex AI."""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING

from common.core.errors import ProviderError
from common.llm.patient_talking import between_pieces, persist_talking
from common.llm.policy import TimeLimit, late
from common.llm.talking import MOST_CALLS, Answered, Call, Said, takeable_name
from common.llm.vertex import PROVIDER, report_usage, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.genai import types

    from common.llm.talking import Piece, ToolDescription, Turn
    from common.llm.vertex import VertexProject


class VertexTalker:
    """Gemini, its answer as a stream."""

    def __init__(self, project: VertexProject, *, model: str) -> None:
        self.name = f"{model} ({PROVIDER})"
        self._project = project
        self._model = model

    def talk(
        self,
        *,
        system: str,
        turns: Sequence[Turn],
        tools: Sequence[ToolDescription] = (),
        within_s: float | None = None,
    ) -> Iterator[Piece]:
        """What is said next, piece by piece."""
        limit = self._project.limit()
        if within_s is not None and within_s < limit.remaining:
            limit = TimeLimit(within_s)
        contents = _contents(turns)
        return persist_talking(lambda: self._pieces(system, contents, tools, limit), provider=PROVIDER, limit=limit)

    def _pieces(
        self, system: str, contents: list[types.Content], tools: Sequence[ToolDescription], limit: TimeLimit
    ) -> Iterator[Piece]:
        from google.genai import types

        names = {_gemini_name(tool.name): tool.name for tool in tools}
        called = 0
        with self._project.exchange(between_pieces(limit)) as options:
            options.headers = {"X-Server-Timeout": str(ceil(limit.remaining))}  # else the server stops that early
            complete, last = False, None
            replies = self._project.client.models.generate_content_stream(
                model=self._model,
                contents=list(contents),
                config=types.GenerateContentConfig(
                    system_instruction=system,
                    http_options=options,
                    tools=[_described(tools)] if tools else None,
                    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
                ),
            )
            try:
                while (reply := _next(replies)) is not None:
                    if not limit.remaining:
                        raise late(limit, provider=PROVIDER)
                    last = reply if reply.usage_metadata is not None else last
                    if not reply.candidates and reply.prompt_feedback is None:  # only figures
                        continue
                    if text := text_of(reply):
                        yield text
                    # A call says nothing where none was offered.
                    found = _calls(reply, names, already=called) if names else []
                    yield from found[: max(0, MOST_CALLS - called)]
                    called += len(found)
                    complete = complete or bool(reply.candidates and reply.candidates[0].finish_reason)
            finally:
                report_usage(last)  # each part tells what it has been so far
        if not complete:
            raise ProviderError(f"{PROVIDER}: the answer broke off")


def _next(replies: Iterator[types.GenerateContentResponse]) -> types.GenerateContentResponse | None:
    try:
        return next(replies, None)
    except (AttributeError, KeyError, TypeError):  # the SDK stumbles over what has not the form of an answer
        raise ProviderError(f"{PROVIDER}: the answer can't be read") from None


def _calls(reply: types.GenerateContentResponse, names: dict[str, str], *, already: int) -> list[Call]:
    content = reply.candidates[0].content if reply.candidates else None
    parts = [part for part in (content.parts if content else None) or [] if part.function_call is not None]
    found = []
    for place, part in enumerate(parts, start=already):
        call = part.function_call
        if call is not None and call.name:
            name = names.get(call.name, call.name)
            found.append(Call(call.id or f"call_{place}", name, dict(call.args or {}), part.thought_signature))
    return found


def _contents(turns: Sequence[Turn]) -> list[types.Content]:
    """The turns in Gemini's form, in which the answers to calls of one turn are one turn."""
    contents: list[types.Content] = []
    for answered, together in groupby(turns, key=lambda turn: isinstance(turn, Answered)):
        if answered:
            contents.append(_answers([turn for turn in together if isinstance(turn, Answered)]))
        else:
            contents += [_said(turn) for turn in together if isinstance(turn, Said)]
    return contents


def _said(turn: Said) -> types.Content:
    from google.genai import types

    parts = [types.Part(text=turn.text)] if turn.text or not turn.calls else []
    parts += [types.Part(inline_data=types.Blob(data=each.data, mime_type=each.content_type)) for each in turn.pictures]
    for call in turn.calls:
        function = types.FunctionCall(name=_gemini_name(call.name), args=dict(call.arguments or {}))
        parts.append(types.Part(function_call=function, thought_signature=call.signature))
    return types.Content(role="user" if turn.by_user else "model", parts=parts)


def _answers(answers: Sequence[Answered]) -> types.Content:
    from google.genai import types

    parts = [
        types.Part(
            function_response=types.FunctionResponse(
                name=_gemini_name(answer.call.name), response={"output": answer.content}
            )
        )
        for answer in answers
    ]
    return types.Content(role="user", parts=parts)


def _described(tools: Sequence[ToolDescription]) -> types.Tool:
    from google.genai import types

    return types.Tool(
        function_declarations=[
            types.FunctionDeclaration(
                name=_gemini_name(tool.name), description=tool.description, parameters_json_schema=dict(tool.parameters)
            )
            for tool in tools
        ]
    )


def _gemini_name(name: str) -> str:
    """Its names of functions begin with a letter or an underscore, which an app's id need not."""
    known = takeable_name(name)
    return known if known[:1].isalpha() else f"_{known}"
