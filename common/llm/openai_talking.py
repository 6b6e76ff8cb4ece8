"""Free conversation over OpenAI's protocol: chat completions as a stream of server-sent events."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderDeclinedError, ProviderError
from common.core.logs import get_logger
from common.llm.calls_in_pieces import EXTRA, CallsInPieces, extra_of
from common.llm.openai import BROKEN_OFF, StreamFiguresRefusedError, raise_error_in, report_usage, text_of
from common.llm.patient_talking import between_pieces, persist_talking
from common.llm.policy import TimeLimit, TransientError
from common.llm.server_events import data_of_events
from common.llm.talking import Answered, takeable_name
from common.llm.thoughts import without_thoughts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from common.llm.openai import OpenAIEndpoint
    from common.llm.talking import Call, Piece, Said, ToolDescription, Turn

_END = "[DONE]"


class OpenAITalker:
    """A chat model of any server that speaks OpenAI's protocol."""

    def __init__(self, endpoint: OpenAIEndpoint, *, model: str) -> None:
        self.name = f"{model} ({endpoint.provider})"
        self._endpoint = endpoint
        self._model = model
        self._tells_figures = True

    def talk(
        self,
        *,
        system: str,
        turns: Sequence[Turn],
        tools: Sequence[ToolDescription] = (),
        within_s: float | None = None,
    ) -> Iterator[Piece]:
        """What is said next, piece by piece."""
        limit = self._endpoint.limit()
        if within_s is not None and within_s < limit.remaining:
            limit = TimeLimit(within_s)
        messages = [{"role": "system", "content": system}, *(_message(turn) for turn in turns)]
        payload: dict[str, Any] = {"model": self._model, "messages": messages, "stream": True}
        if tools:
            payload["tools"] = [_described(tool) for tool in tools]
        return persist_talking(
            lambda: without_thoughts(self._begun(payload, limit)), provider=self._endpoint.provider, limit=limit
        )

    def _begun(self, payload: dict[str, Any], limit: TimeLimit) -> Iterator[Piece]:
        """The pieces, with what they cost where the server can say so; which some refuse to be asked for."""
        if self._tells_figures:
            try:
                yield from self._pieces(payload | {"stream_options": {"include_usage": True}}, limit)
            except StreamFiguresRefusedError:
                get_logger().info("model_tells_no_figures")
                self._tells_figures = False
            else:
                return
        yield from self._pieces(payload, limit)

    def _pieces(self, payload: dict[str, Any], limit: TimeLimit) -> Iterator[Piece]:
        provider = self._endpoint.provider
        calls = CallsInPieces(provider)
        with self._endpoint.exchange("/chat/completions", payload, between_pieces(limit)) as reply:
            complete, used = False, dict[str, Any]()
            try:
                for event in data_of_events(self._endpoint.pieces(reply, limit), provider=provider):
                    if event.strip() == _END:
                        complete = True
                        break
                    text, last, figures = self._read(event, calls)
                    complete, used = complete or last, figures or used
                    if text:
                        yield text
            finally:
                report_usage(used)  # some servers tell with each event what it has been so far
        if not complete:
            raise ProviderError(f"{provider}: the answer broke off")
        if "tools" in payload:  # a call of what was not offered says nothing
            yield from calls.whole()

    def _read(self, event: str, calls: CallsInPieces) -> tuple[str, bool, dict[str, Any] | None]:
        """The text of one event, whether it is the last one with anything, and itself where it has figures.

        Parts of calls are put together.
        """
        provider = self._endpoint.provider
        try:
            decoded = json.loads(event)
            raise_error_in(decoded, provider=provider)
            figures = decoded if decoded.get("usage") else None
            choices = decoded["choices"]
            if not choices:  # only figures
                return "", False, figures
            delta, reason = choices[0].get("delta") or {}, choices[0].get("finish_reason")
            if delta.get("refusal") or reason == "content_filter":
                raise ProviderDeclinedError(f"{provider}: the model declined to answer")
            if reason in BROKEN_OFF:
                raise TransientError("the answer broke off")
            for part in delta.get("tool_calls") or ():
                calls.add(part)
            return text_of(delta.get("content")), reason is not None, figures
        except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
            raise ProviderError(f"{provider}: the answer is not a chat completion") from None


def _message(turn: Turn) -> dict[str, Any]:
    if isinstance(turn, Answered):
        return {"role": "tool", "tool_call_id": turn.call.id, "content": turn.content}
    if turn.by_user:
        return {"role": "user", "content": _shown(turn) if turn.pictures else turn.text}
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None}
    if turn.calls:
        message["tool_calls"] = [_called(call) for call in turn.calls]
    return message


def _shown(turn: Said) -> list[dict[str, Any]]:
    addresses = (f"data:{picture.content_type};base64,{b64encode(picture.data).decode()}" for picture in turn.pictures)
    return [
        {"type": "text", "text": turn.text},
        *({"type": "image_url", "image_url": {"url": address}} for address in addresses),
    ]


def _called(call: Call) -> dict[str, Any]:
    function = {"name": takeable_name(call.name), "arguments": json.dumps(call.arguments or {})}
    called = {"id": call.id, "type": "function", "function": function}
    return called | ({EXTRA: extra} if (extra := extra_of(call.signature)) else {})


def _described(tool: ToolDescription) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
