"""The model providers that the settings name, made once per process; only what is used is loaded."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from common.core.errors import ProviderRefusedError
from common.core.settings import settings

if TYPE_CHECKING:
    from common.llm.openai import OpenAIEndpoint
    from common.llm.ports import Embedder, PhotoDescriber, SeeingModel, Structurer, Summarizer, Translator
    from common.llm.talking import Talker
    from common.llm.vertex import VertexProject

LOCAL_ENCODER = "all-MiniLM-L6-v2"
LOCAL_DIMENSION = 384
# The family of models that can shorten their vectors to what the index holds.
_SHORTENING = "text-embedding-3"


@cache
def embedder() -> Embedder:
    """The provider of embeddings.

    Raises:
        ProviderRefusedError: the settings don't say where the local encoder is.
    """
    known = settings()
    if known.embedding == "vertex":
        from common.llm.vertex import VertexEmbedder

        return VertexEmbedder(
            _vertex_project(), model=known.vertex_embedding_model, dimension=known.embedding_dimension
        )
    from common.llm.openai import OpenAIEmbedder

    if known.embedding == "openai":
        return OpenAIEmbedder(
            _openai_endpoint(),
            model=known.openai_embedding_model,
            dimension=known.embedding_dimension,
            shorten=known.openai_embedding_model.startswith(_SHORTENING),
        )
    return OpenAIEmbedder(
        _local_endpoint(), model=LOCAL_ENCODER, dimension=LOCAL_DIMENSION, name=f"{LOCAL_ENCODER} (local model)"
    )


@cache
def language_model() -> SeeingModel | None:
    """The provider of generated text; None where there is none and structuring is extractive."""
    known = settings()
    if known.language_model == "vertex":
        from common.llm.vertex import VertexLanguageModel

        return VertexLanguageModel(_vertex_project(), model=known.vertex_model)
    if known.language_model == "openai":
        from common.llm.openai import OpenAILanguageModel

        return OpenAILanguageModel(_openai_endpoint(), model=known.openai_model)
    return None


@cache
def talker() -> Talker | None:
    """Who goes on with a conversation; None where there is no language model."""
    known = settings()
    if known.language_model == "vertex":
        from common.llm.vertex_talking import VertexTalker

        return VertexTalker(_vertex_project(), model=known.vertex_model)
    if known.language_model == "openai":
        from common.llm.openai_talking import OpenAITalker

        return OpenAITalker(_openai_endpoint(), model=known.openai_model)
    return None


@cache
def structurer() -> Structurer:
    """Who structures conversations: the language model if there is one, extraction otherwise."""
    if (model := language_model()) is not None:
        from common.llm.structuring import PromptedStructurer

        return PromptedStructurer(model)
    from common.llm.extractive import ExtractiveStructurer

    return ExtractiveStructurer(embedder())


@cache
def summarizer() -> Summarizer:
    """Who follows prompts of users: the language model if there is one, a search for their words otherwise."""
    from common.llm.summarizing import ExtractiveSummarizer, PromptedSummarizer

    model = language_model()
    return ExtractiveSummarizer() if model is None else PromptedSummarizer(model)


def photos_are_described() -> bool:
    """Whether there is anybody who could; loads nothing."""
    return settings().language_model != "extractive" and settings().language_model_sees


@cache
def photo_describer() -> PhotoDescriber | None:
    """Who says what is to be seen in pictures; None where nobody can, and they stay undescribed."""
    model = language_model() if photos_are_described() else None
    if model is None:
        return None
    from common.llm.describing import PromptedDescriber

    return PromptedDescriber(model)


@cache
def translator() -> Translator | None:
    """Who translates; None where there is no language model."""
    if (model := language_model()) is None:
        return None
    from common.llm.translating import PromptedTranslator

    return PromptedTranslator(model)


@cache
def _openai_endpoint() -> OpenAIEndpoint:
    from common.llm.openai import OpenAIEndpoint

    known = settings()
    key = known.openai_api_key
    return OpenAIEndpoint(
        known.openai_base_url,
        api_key=None if key is None else key.get_secret_value(),
        timeout_s=known.model_timeout_s,
        provider="openai",
    )


@cache
def _local_endpoint() -> OpenAIEndpoint:
    from common.llm.openai import OpenAIEndpoint

    if not (url := settings().local_models_url):
        raise ProviderRefusedError("no embeddings: LOCAL_MODELS_URL is not set")
    return OpenAIEndpoint(f"{url.rstrip('/')}/v1", timeout_s=settings().model_timeout_s, provider="local models")


@cache
def _vertex_project() -> VertexProject:
    from common.llm.vertex import VertexProject

    known = settings()
    return VertexProject(
        known.google_cloud_project,
        known.vertex_location,
        base_url=known.vertex_base_url,
        timeout_s=known.model_timeout_s,
    )
