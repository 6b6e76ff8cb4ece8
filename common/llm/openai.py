"""Language model and embeddings of any server that speaks OpenAI's protocol: OpenAI, Ollama, vLLM, our local encoder.

Spoken over plain HTTP: the vendor's SDK costs most of a second of CPU to import, and a cold start pays for it.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.core import metering
from common.core.errors import ProviderDeclinedError, ProviderError, ProviderRefusedError
from common.core.logs import get_logger
from common.core.tls import trusted_here
from common.llm.answers import Rejected, generate_checked, strict_schema
from common.llm.policy import REFUSED, TimeLimit, TransientError, failure, late, persist
from common.llm.talking import ToolsRefusedError
from common.llm.vectors import unit_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx
    from pydantic import BaseModel

    from common.llm.ports import Picture, Purpose, T

_MAX_BATCH = 128
_MAX_REPLY_BYTES = 64 * 2**20
_OK = 200
_UNKNOWN = 404
_LONGEST_COMPLAINT = 65_536
"""Bytes of what a server says about a request that it does not take."""
_OF_FORMS = re.compile(rb"response.?format|json.?schema|structured.?output", re.IGNORECASE)
_OF_STREAMS = re.compile(rb"stream_?options|include_usage", re.IGNORECASE)
_OF_TOOLS = re.compile(
    rb"(?:not support|no endpoints found that support) (?:the )?(?:tools?|function)|tool[ _]choice requires",
    re.IGNORECASE,
)
"""What Ollama and OpenRouter say of a model, and vLLM of how it was started."""
_OF_FILTERS = re.compile(rb'"code":\s*"content_(?:filter|policy_violation)"')
"""Azure's filters, for one, refuse the request."""
_FIRST_FAILURE = 400
BROKEN_OFF = frozenset({"error", "abort"})
"""Reasons to finish of servers that could not go on."""


class FormRefusedError(ProviderRefusedError):
    """The server, or this model of it, takes no JSON schema for an answer's form."""


class StreamFiguresRefusedError(ProviderRefusedError):
    """The server cannot be asked to say at the end of a stream what it has cost."""


class OpenAIEndpoint:
    """A server at `base_url` (which ends in /v1 as a rule); `timeout_s` limits a call with all its retries."""

    def __init__(self, base_url: str, *, api_key: str | None = None, timeout_s: float, provider: str) -> None:
        self.provider = provider
        self._base_url = base_url.rstrip("/")
        self._headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._timeout_s = timeout_s

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(headers=self._headers, verify=trusted_here())

    def close(self) -> None:
        """Close the connections that are kept open; the next call opens new ones."""
        if (client := self.__dict__.pop("_client", None)) is not None:
            client.close()

    def limit(self) -> TimeLimit:
        """The time that a call starting now has."""
        return TimeLimit(self._timeout_s)

    def post(self, path: str, payload: dict[str, Any], limit: TimeLimit) -> dict[str, Any]:
        """The JSON that `payload` is answered with.

        Raises:
            ProviderError: there was no usable answer in time.
            ProviderRefusedError: the request was not accepted.
        """
        reply = persist(lambda: self._post_once(path, payload, limit), provider=self.provider, limit=limit)
        report_usage(reply)
        return reply

    def _post_once(self, path: str, payload: dict[str, Any], limit: TimeLimit) -> dict[str, Any]:
        with self.exchange(path, payload, limit) as reply:
            body = self._read(reply, limit)
        decoded = self._decoded(body)
        raise_error_in(decoded, provider=self.provider)
        return decoded

    @contextmanager
    def exchange(self, path: str, payload: dict[str, Any], limit: TimeLimit) -> Iterator[httpx.Response]:
        """The accepted answer to `payload`, to be read as it arrives; whatever goes wrong meanwhile becomes ours.

        Raises:
            TransientError: a failure that may pass.
            ProviderError: there was no usable answer in time.
            ProviderRefusedError: the request was not accepted.
        """
        import httpx

        if not limit.remaining:
            raise late(limit, provider=self.provider)
        try:
            url = f"{self._base_url}{path}"
            with self._client.stream("POST", url, json=payload, timeout=limit.remaining) as reply:
                if reply.status_code != _OK:
                    raise self._failure(reply, limit)
                yield reply
        except httpx.TimeoutException:
            raise late(limit, provider=self.provider) from None
        except httpx.HTTPError as error:
            raise TransientError(type(error).__name__) from None

    def _failure(self, reply: httpx.Response, limit: TimeLimit) -> Exception:
        if reply.status_code in REFUSED | {_UNKNOWN}:
            complaint = self._complaint(reply, limit)
            if _OF_FILTERS.search(complaint):
                return ProviderDeclinedError(f"{self.provider}: the model declined to answer")
            if _OF_FORMS.search(complaint):
                return FormRefusedError(f"{self.provider}: this form of answers is not known")
            if _OF_TOOLS.search(complaint):
                return ToolsRefusedError(f"{self.provider}: the model takes no tools")
            if _OF_STREAMS.search(complaint):
                return StreamFiguresRefusedError(f"{self.provider}: the cost of a stream is not told")
        return failure(reply.status_code, provider=self.provider, retry_after=reply.headers.get("retry-after"))

    def _complaint(self, reply: httpx.Response, limit: TimeLimit) -> bytes:
        said = bytearray()
        for piece in self.pieces(reply, limit):
            said += piece
            if len(said) > _LONGEST_COMPLAINT:
                break
        return bytes(said)

    def pieces(self, reply: httpx.Response, limit: TimeLimit) -> Iterator[bytes]:
        """The body as it arrives; the timeout of the client is per read, so a trickle is cut off here."""
        for piece in reply.iter_bytes():
            if not limit.remaining:
                raise late(limit, provider=self.provider)
            yield piece

    def _read(self, reply: httpx.Response, limit: TimeLimit) -> bytes:
        body = bytearray()
        for piece in self.pieces(reply, limit):
            body += piece
            if len(body) > _MAX_REPLY_BYTES:
                raise ProviderError(f"{self.provider}: the answer is too large")
        return bytes(body)

    def _decoded(self, body: bytes) -> dict[str, Any]:
        try:
            decoded = json.loads(body)
        except (ValueError, RecursionError):
            raise ProviderError(f"{self.provider}: the answer is not JSON") from None
        if not isinstance(decoded, dict):
            raise ProviderError(f"{self.provider}: the answer is not a JSON object")
        return decoded


def report_usage(reply: dict[str, Any]) -> None:
    """Count what an answer, or the last event of a streamed one, says it has cost."""
    if isinstance(usage := reply.get("usage"), dict):
        metering.report(usage.get("prompt_tokens"), usage.get("completion_tokens", 0))


def raise_error_in(reply: dict[str, Any], *, provider: str) -> None:
    """Raise what went wrong after an answer had been accepted: some servers say so in its place, or in the midst of it.

    Raises:
        TransientError: it may pass, or nobody knows.
        ProviderError: it will not.
        ProviderRefusedError: the request was not accepted.
    """
    error = reply.get("error")
    if not error and reply.get("object") != "error":
        return
    code = str(error.get("code") if isinstance(error, dict) else reply.get("code"))
    known = int(code) if code.isdecimal() else 0
    raise failure(known, provider=provider) if known >= _FIRST_FAILURE else TransientError("an error for an answer")


class OpenAILanguageModel:
    """Chat completions with a JSON schema as the response format; told in words where a server takes none."""

    def __init__(self, endpoint: OpenAIEndpoint, *, model: str) -> None:
        self.name = f"{model} ({endpoint.provider})"
        self._endpoint = endpoint
        self._model = model
        self._told_in_words: set[str] = set()

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        """An answer that fits `response`."""
        return self._answer(system, prompt, response)

    def look(self, picture: Picture, *, system: str, prompt: str, response: type[T]) -> T:
        """An answer that fits `response`, about a picture."""
        address = f"data:{picture.content_type};base64,{b64encode(picture.data).decode()}"
        content: list[dict[str, Any]] = [
            {"type": "text", "text": prompt},
            {"type": "image_url", "image_url": {"url": address}},
        ]
        return self._answer(system, content, response)

    def _answer(self, system: str, content: str | list[dict[str, Any]], response: type[T]) -> T:
        limit = self._endpoint.limit()

        def ask(rejected: Rejected | None) -> str:
            messages: list[dict[str, Any]] = [
                {"role": "system", "content": system},
                {"role": "user", "content": content},
            ]
            if rejected is not None:
                messages += [
                    {"role": "assistant", "content": rejected.answer},
                    {"role": "user", "content": rejected.complaint},
                ]
            return _content(self._completion(messages, response, limit), self._endpoint.provider)

        return generate_checked(ask, response, provider=self._endpoint.provider)

    def _completion(
        self, messages: list[dict[str, Any]], response: type[BaseModel], limit: TimeLimit
    ) -> dict[str, Any]:
        payload = {"model": self._model, "messages": messages}
        schema = strict_schema(response)
        if response.__name__ not in self._told_in_words:
            form = {"name": response.__name__, "schema": schema, "strict": True}
            asked = {"response_format": {"type": "json_schema", "json_schema": form}}
            try:
                return self._endpoint.post("/chat/completions", payload | asked, limit)
            except FormRefusedError:
                get_logger().info("model_told_form_in_words", form=response.__name__)
                self._told_in_words.add(response.__name__)
        first, *others = messages
        told = {**first, "content": f"{first['content']}\n\nThe form, as a JSON schema: {json.dumps(schema)}"}
        return self._endpoint.post("/chat/completions", payload | {"messages": [told, *others]}, limit)


def _content(reply: dict[str, Any], provider: str) -> str:
    """The text of the first choice."""
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            raise ProviderDeclinedError(f"{provider}: the model declined to answer")
        return text_of(message.get("content"))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ProviderError(f"{provider}: the answer is not a chat completion") from None


def text_of(content: Any) -> str:
    """The text of a message, or of a piece of one; some servers send it in parts, thoughts among them."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")
    return str(content or "")


class OpenAIEmbedder:
    """Embeddings; `shorten` asks the model for `dimension` values, which not every model can do."""

    def __init__(
        self, endpoint: OpenAIEndpoint, *, model: str, dimension: int, name: str | None = None, shorten: bool = False
    ) -> None:
        self.name = name or f"{model} ({endpoint.provider})"
        self.dimension = dimension
        self._endpoint = endpoint
        self._model = model
        self._options = {"dimensions": dimension} if shorten else {}

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        """One unit vector per text. These models make no difference between documents and queries."""
        del purpose
        limit = self._endpoint.limit()
        batches = [list(texts[start : start + _MAX_BATCH]) for start in range(0, len(texts), _MAX_BATCH)]
        return [vector for batch in batches for vector in self._embed_batch(batch, limit)]

    def _embed_batch(self, texts: list[str], limit: TimeLimit) -> list[list[float]]:
        # The protocol knows no empty text.
        payload = {"model": self._model, "input": [text or " " for text in texts], "encoding_format": "float"}
        reply = self._endpoint.post("/embeddings", payload | self._options, limit)
        provider = self._endpoint.provider
        try:
            rows = [item["embedding"] for item in sorted(reply["data"], key=lambda item: int(item["index"]))]
        except (KeyError, TypeError, ValueError):
            raise ProviderError(f"{provider}: the answer is not a list of embeddings") from None
        return unit_vectors(rows, count=len(texts), dimension=self.dimension, provider=provider)
