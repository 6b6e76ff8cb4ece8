"""The model providers that the settings name, made once per process."""

from functools import cache

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.llm.ports import Embedder, LanguageModel, Structurer

LOCAL_ENCODER = "all-MiniLM-L6-v2"
LOCAL_DIMENSION = 384


@cache
def embedder() -> Embedder:
    """The provider of embeddings."""
    known = settings()
    if known.embedding == "vertex":
        from common.llm.vertex import VertexEmbedder, VertexProject

        project = VertexProject(
            known.google_cloud_project,
            known.vertex_location,
            base_url=known.vertex_base_url,
            timeout_s=known.model_timeout_s,
        )
        return VertexEmbedder(project, model=known.vertex_embedding_model, dimension=known.embedding_dimension)
    from common.llm.openai import OpenAIEmbedder, OpenAIEndpoint

    if known.embedding == "openai":
        key = known.openai_api_key
        endpoint = OpenAIEndpoint(
            known.openai_base_url,
            api_key=None if key is None else key.get_secret_value(),
            timeout_s=known.model_timeout_s,
            provider="openai",
        )
        model = known.openai_embedding_model
        return OpenAIEmbedder(
            endpoint,
            model=model,
            dimension=known.embedding_dimension,
            shorten=model.startswith("text-embedding-3"),
        )
    if not known.local_models_url:
        raise ProviderRefusedError("no embeddings: LOCAL_MODELS_URL is not set")
    endpoint = OpenAIEndpoint(
        f"{known.local_models_url.rstrip('/')}/v1", timeout_s=known.model_timeout_s, provider="local models"
    )
    return OpenAIEmbedder(
        endpoint, model=LOCAL_ENCODER, dimension=LOCAL_DIMENSION, name=f"{LOCAL_ENCODER} (local model)"
    )


@cache
def language_model() -> LanguageModel | None:
    """The provider of generated text; None where structuring is extractive and there is none."""
    known = settings()
    if known.language_model == "extractive":
        return None
    if known.language_model == "vertex":
        from common.llm.vertex import VertexLanguageModel, VertexProject

        project = VertexProject(
            known.google_cloud_project,
            known.vertex_location,
            base_url=known.vertex_base_url,
            timeout_s=known.model_timeout_s,
        )
        return VertexLanguageModel(project, model=known.vertex_model)
    from common.llm.openai import OpenAIEndpoint, OpenAILanguageModel

    key = known.openai_api_key
    endpoint = OpenAIEndpoint(
        known.openai_base_url,
        api_key=None if key is None else key.get_secret_value(),
        timeout_s=known.model_timeout_s,
        provider="openai",
    )
    return OpenAILanguageModel(endpoint, model=known.openai_model)


@cache
def structurer() -> Structurer:
    """Who structures conversations."""
    model = language_model()
    if model is not None:
        from common.llm.structuring import PromptedStructurer

        return PromptedStructurer(model)
    from common.llm.extractive import ExtractiveStructurer

    return ExtractiveStructurer(embedder())
