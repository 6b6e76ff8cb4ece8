"""Free conversation over OpenAI's protocol: chat completions as a stream of server-sent events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.talking import persist_talking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from common.llm.openai import OpenAIEndpoint
    from common.llm.policy import TimeLimit
    from common.llm.talking import Said

_EVENT = "data:"
_END = "[DONE]"


class OpenAITalker:
    """A chat model of any server that speaks OpenAI's protocol."""

    def __init__(self, endpoint: OpenAIEndpoint, *, model: str) -> None:
        self.name = f"{model} ({endpoint.provider})"
        self._endpoint = endpoint
        self._model = model

    def talk(self, *, system: str, turns: Sequence[Said]) -> Iterator[str]:
        """What is said next, piece by piece."""
        limit = self._endpoint.limit()
        messages = [{"role": "system", "content": system}]
        messages += [{"role": "user" if turn.by_user else "assistant", "content": turn.text} for turn in turns]
        payload = {"model": self._model, "messages": messages, "stream": True}
        return persist_talking(lambda: self._pieces(payload, limit), provider=self._endpoint.provider, limit=limit)

    def _pieces(self, payload: dict[str, Any], limit: TimeLimit) -> Iterator[str]:
        with self._endpoint.exchange("/chat/completions", payload, limit) as reply:
            complete = False
            for line in reply.iter_lines():
                if not limit.remaining:
                    raise self._endpoint.late()
                if not line.startswith(_EVENT):
                    continue
                event = line.removeprefix(_EVENT).strip()
                if event == _END:
                    return
                text, last = self._read(event)
                complete = complete or last
                if text:
                    yield text
        if not complete:
            raise ProviderError(f"{self._endpoint.provider}: the answer broke off")

    def _read(self, event: str) -> tuple[str, bool]:
        """The text of one event, and whether it is the last one with any."""
        provider = self._endpoint.provider
        try:
            choices = json.loads(event)["choices"]
            if not choices:  # only figures
                return "", False
            delta, reason = choices[0].get("delta") or {}, choices[0].get("finish_reason")
            if delta.get("refusal") or reason == "content_filter":
                raise ProviderRefusedError(f"{provider}: the model declined to answer")
            return str(delta.get("content") or ""), reason is not None
        except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
            raise ProviderError(f"{provider}: the answer is not a chat completion") from None
