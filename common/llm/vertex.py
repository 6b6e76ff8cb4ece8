"""Language model and embeddings of Vertex AI, through `google-genai`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from common.core import metering
from common.core.errors import ProviderDeclinedError, ProviderError
from common.core.tls import trusted_here
from common.llm.answers import Rejected, generate_checked, strict_schema
from common.llm.policy import TimeLimit, TransientError, failure, late, persist
from common.llm.vectors import unit_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import httpx
    from google import genai
    from google.genai import errors, types

    from common.llm.ports import Picture, Purpose, T

R = TypeVar("R")

PROVIDER = "vertex"
_TASKS = {"document": "RETRIEVAL_DOCUMENT", "query": "RETRIEVAL_QUERY"}
# Gemini's embedding models take one text per request.
_PARALLEL = 8
_FINISHED = frozenset({"STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED"})
_DECLINED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
    }
)
"""Any other reason is an accident, like a call that was not written properly: asked again, models do better."""
_ADVICE = "google.rpc.RetryInfo"


class VertexProject:
    """Vertex AI of one project and location; `timeout_s` limits a call with all its retries."""

    def __init__(self, project: str, location: str, *, base_url: str = "", timeout_s: float) -> None:
        self._project = project
        self._location = location
        self._base_url = base_url
        self._timeout_s = timeout_s

    @cached_property
    def _http(self) -> httpx.Client:
        import httpx

        return httpx.Client(verify=trusted_here())

    @cached_property
    def client(self) -> genai.Client:
        """The SDK's client, made on first use with the application's default credentials."""
        from google import genai
        from google.genai import types

        # Our own transport, so that its failures are of one known family.
        options = types.HttpOptions(base_url=self._base_url or None, httpx_client=self._http)
        return genai.Client(vertexai=True, project=self._project, location=self._location, http_options=options)

    def close(self) -> None:
        """Close the connections that are kept open; the next call opens new ones."""
        self.__dict__.pop("client", None)
        if (http := self.__dict__.pop("_http", None)) is not None:
            http.close()

    def limit(self) -> TimeLimit:
        """The time that a call starting now has."""
        return TimeLimit(self._timeout_s)

    def call(self, request: Callable[[types.HttpOptions], Any], limit: TimeLimit, *, read: Callable[[Any], R]) -> R:
        """What `read` finds in what `request` returns, given the options that hold it to the time left.

        Raises:
            ProviderError: there was no usable answer in time.
            ProviderRefusedError: the request was not accepted, or the model declined.
        """
        return persist(lambda: read(self._call_once(request, limit)), provider=PROVIDER, limit=limit)

    def _call_once(self, request: Callable[[types.HttpOptions], Any], limit: TimeLimit) -> Any:
        with self.exchange(limit) as options:
            reply = request(options)
        report_usage(reply)
        return reply

    @contextmanager
    def exchange(self, limit: TimeLimit) -> Iterator[types.HttpOptions]:
        """The options that hold a request to the time left; whatever goes wrong meanwhile becomes ours.

        Raises:
            TransientError: a failure that may pass.
            ProviderError: there was no usable answer in time.
            ProviderRefusedError: the request was not accepted.
        """
        import httpx
        from google.auth import exceptions as auth
        from google.genai import errors, types

        if not (left := limit.remaining):
            raise late(limit, provider=PROVIDER)
        try:
            yield types.HttpOptions(timeout=max(1, int(left * 1000)))
        except errors.APIError as error:
            raise failure(error.code, provider=PROVIDER, retry_after=_advice(error)) from None
        except httpx.TimeoutException:
            raise late(limit, provider=PROVIDER) from None
        except (httpx.HTTPError, auth.TransportError) as error:
            raise TransientError(type(error).__name__) from None
        except auth.GoogleAuthError as error:
            raise ProviderError(f"{PROVIDER}: no credentials ({type(error).__name__})") from None
        except ValueError:  # not JSON, or not of the SDK's models
            raise ProviderError(f"{PROVIDER}: the answer can't be read") from None


class VertexLanguageModel:
    """Gemini with a JSON schema as the response format."""

    def __init__(self, project: VertexProject, *, model: str) -> None:
        self.name = f"{model} ({PROVIDER})"
        self._project = project
        self._model = model

    def generate(self, *, system: str, prompt: str, response: type[T]) -> T:
        """An answer that fits `response`."""
        return self._answer(system, said("user", prompt), response)

    def look(self, picture: Picture, *, system: str, prompt: str, response: type[T]) -> T:
        """An answer that fits `response`, about a picture."""
        from google.genai import types

        shown = types.Part(inline_data=types.Blob(data=picture.data, mime_type=picture.content_type))
        return self._answer(system, types.Content(role="user", parts=[types.Part(text=prompt), shown]), response)

    def _answer(self, system: str, asked: types.Content, response: type[T]) -> T:
        from google.genai import types

        limit = self._project.limit()
        schema = strict_schema(response)

        def ask(rejected: Rejected | None) -> str:
            contents = [asked]
            if rejected is not None:
                contents += [said("model", rejected.answer), said("user", rejected.complaint)]
            return self._project.call(
                lambda options: self._project.client.models.generate_content(
                    model=self._model,
                    contents=list(contents),
                    config=types.GenerateContentConfig(
                        system_instruction=system,
                        response_mime_type="application/json",
                        response_json_schema=schema,
                        http_options=options,
                    ),
                ),
                limit,
                read=text_of,
            )

        return generate_checked(ask, response, provider=PROVIDER)


def report_usage(reply: Any) -> None:
    """Count what an answer, or the last part of a streamed one, says it has cost; thoughts are paid for, too."""
    if (usage := getattr(reply, "usage_metadata", None)) is not None:
        written = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        metering.report(usage.prompt_token_count, written)


def said(role: str, text: str) -> types.Content:
    """Words of the `user` or of the `model`."""
    from google.genai import types

    return types.Content(role=role, parts=[types.Part(text=text)])


def text_of(reply: types.GenerateContentResponse) -> str:
    """The text of the first candidate.

    Raises:
        TransientError: there is none, or the model did not come to its end.
        ProviderDeclinedError: the model declined.
    """
    if reply.prompt_feedback is not None and reply.prompt_feedback.block_reason is not None:
        raise ProviderDeclinedError(f"{PROVIDER}: the model declined to answer")
    if not reply.candidates:
        raise TransientError("the answer is empty")
    candidate = reply.candidates[0]
    reason = "STOP" if candidate.finish_reason is None else candidate.finish_reason.value
    if reason in _DECLINED:
        raise ProviderDeclinedError(f"{PROVIDER}: the model declined to answer")
    if reason not in _FINISHED:
        raise TransientError("the model stumbled")
    parts = (candidate.content.parts if candidate.content else None) or []
    return "".join(part.text for part in parts if part.text and not part.thought)


def _advice(error: errors.APIError) -> str | None:
    """When to come back, in seconds: Google's services say so in a header, or within their answer."""
    headers = getattr(error.response, "headers", None) or {}
    if (told := headers.get("retry-after")) is not None:
        return str(told)
    try:
        details = error.details["error"]["details"]
        return next(str(each["retryDelay"]).removesuffix("s") for each in details if each["@type"].endswith(_ADVICE))
    except (AttributeError, KeyError, TypeError, StopIteration):
        return None


class VertexEmbedder:
    """Gemini's embeddings, shortened to `dimension` values."""

    def __init__(self, project: VertexProject, *, model: str, dimension: int) -> None:
        self.name = f"{model} ({PROVIDER})"
        self.dimension = dimension
        self._project = project
        self._model = model

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        """One unit vector per text."""
        if not texts:
            return []
        limit = self._project.limit()
        self._project.client.models  # noqa: B018 - made before the threads, which would make one each
        with ThreadPoolExecutor(min(_PARALLEL, len(texts))) as pool:
            rows = list(pool.map(lambda text: self._embed_one(text, purpose, limit), texts))
        return unit_vectors(rows, count=len(texts), dimension=self.dimension, provider=PROVIDER)

    def _embed_one(self, text: str, purpose: Purpose, limit: TimeLimit) -> list[float] | None:
        from google.genai import types

        return self._project.call(
            lambda options: self._project.client.models.embed_content(
                model=self._model,
                contents=text or " ",
                config=types.EmbedContentConfig(
                    task_type=_TASKS[purpose], output_dimensionality=self.dimension, http_options=options
                ),
            ),
            limit,
            read=_only_vector,
        )


def _only_vector(reply: types.EmbedContentResponse) -> list[float] | None:
    embeddings = reply.embeddings or []
    return embeddings[0].values if len(embeddings) == 1 else None
