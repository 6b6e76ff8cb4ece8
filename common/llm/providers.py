"""The model providers that the settings name, made once per process; only what is used is loaded."""

from __future__ import annotations

from functools import _CacheInfo, cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.llm.redacting.outside import is_redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from common.llm.drawing import OpenAIIllustrator
    from common.llm.lasting import LastingJudge
    from common.llm.openai import OpenAIEndpoint
    from common.llm.parts import Limits
    from common.llm.ports import (
        DaySummarizer,
        Embedder,
        Filer,
        Judge,
        PhotoDescriber,
        Reconciler,
        Rememberer,
        SeeingModel,
        Structurer,
        Summarizer,
        Translator,
    )
    from common.llm.talking import Talker
    from common.llm.vertex import VertexProject

LOCAL_ENCODER = "all-MiniLM-L6-v2"
LOCAL_DIMENSION = 384
# The family of models that can shorten their vectors to what the index holds.
_SHORTENING = "text-embedding-3"

R = TypeVar("R")


class WithinBudget(Generic[R]):
    """What the settings name, made once; another where the user's tokens of today are used up (`common.llm.budget`).

    Asked anew for every piece of work: what it gives is for that, not to be kept.
    """

    def __init__(self, make: Callable[[], R], instead: Callable[[], R]) -> None:
        self.__doc__ = make.__doc__
        self._make: Any = cache(make)
        self._instead: Any = cache(instead)

    def __call__(self) -> R:
        """Whoever is to do it now."""
        if settings().language_model != "extractive" and settings().language_tokens_per_user_day:
            from common.llm import budget

            if budget.spent():
                instead: R = self._instead()
                return instead
        return self.regardless()

    def regardless(self) -> R:
        """Whoever does it whatever was used: for what was begun before."""
        made: R = self._make()
        return made

    def cache_clear(self) -> None:
        """Make it anew the next time."""
        self._make.cache_clear()
        self._instead.cache_clear()

    def cache_info(self) -> _CacheInfo:
        """Whether it was made."""
        info: _CacheInfo = self._make.cache_info()
        return info


@cache
def embedder() -> Embedder:
    """The provider of embeddings.

    Raises:
        ProviderRefusedError: the settings don't say where the local encoder is.
    """
    from common.llm.metered import MeteredEmbedder

    known = settings()
    served_at = {"openai": known.openai_base_url, "vertex": known.vertex_base_url}.get(known.embedding)
    made = _embedder()
    if served_at is not None and is_redacted("embedding", address=served_at):
        from common.llm.redacting.models import RedactingEmbedder

        made = RedactingEmbedder(made)
    return MeteredEmbedder(made)


def _embedder() -> Embedder:
    known = settings()
    if known.embedding == "vertex":
        from common.llm.vertex import VertexEmbedder

        return VertexEmbedder(
            _vertex_project(known.vertex_embedding_location),
            model=known.vertex_embedding_model,
            dimension=known.embedding_dimension,
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


def _language_model() -> SeeingModel | None:
    """The provider of generated text; None where there is none and structuring is extractive."""
    known = settings()
    model: SeeingModel
    if known.language_model == "vertex":
        from common.llm.vertex import VertexLanguageModel

        model = VertexLanguageModel(_vertex_project(known.vertex_location), model=known.vertex_model)
    elif known.language_model == "openai":
        from common.llm.openai import OpenAILanguageModel

        model = OpenAILanguageModel(_openai_endpoint(), model=known.openai_model)
    else:
        return None
    from common.llm.metered import MeteredModel

    if _is_told_less():
        from common.llm.redacting.models import RedactingModel

        model = RedactingModel(model)
    return MeteredModel(model)


def _talker() -> Talker | None:
    """Who goes on with a conversation; None where there is no language model."""
    known = settings()
    speaker: Talker
    if known.language_model == "vertex":
        from common.llm.vertex_talking import VertexTalker

        speaker = VertexTalker(_vertex_project(known.vertex_location), model=known.vertex_model)
    elif known.language_model == "openai":
        from common.llm.openai_talking import OpenAITalker

        speaker = OpenAITalker(_openai_endpoint(), model=known.openai_model)
    else:
        return None
    from common.llm.metered import MeteredTalker

    if _is_told_less():
        from common.llm.redacting.models import RedactingTalker

        speaker = RedactingTalker(speaker)
    return MeteredTalker(speaker)


def _structurer() -> Structurer:
    """Who structures conversations: the language model if there is one, extraction otherwise."""
    if (model := _language_model()) is not None:
        from common.llm.declined import OrExtracted
        from common.llm.structuring import PromptedStructurer

        return OrExtracted(PromptedStructurer(model, limits=_limits()), instead=_extractive_structurer)
    return _extractive_structurer()


def _extractive_structurer() -> Structurer:
    from common.llm.extractive.structurer import ExtractiveStructurer

    return ExtractiveStructurer(embedder())


def _limits() -> Limits:
    from common.llm.parts import Limits

    known = settings()
    return Limits(known.structuring_tokens, known.structuring_parallel, known.structuring_patience_s)


def _judge() -> Judge | None:
    """Who judges what is worth keeping where no rule does; None where only rules do."""
    if (model := _language_model()) is None:
        return None
    from common.llm.judging import PromptedJudge

    return PromptedJudge(model)


def _filer() -> Filer:
    """Who files conversations into folders of the user's own."""
    if (model := _language_model()) is None:
        return _nearest_filer()
    from common.llm.filing import PromptedFiler

    return PromptedFiler(model)


def _nearest_filer() -> Filer:
    from common.llm.filing import NearestFiler

    return NearestFiler(embedder())


def _summarizer() -> Summarizer:
    """Who follows prompts of users: the language model if there is one, a search for their words otherwise."""
    from common.llm.summarizing import PromptedSummarizer

    model = _language_model()
    return _extractive_summarizer() if model is None else PromptedSummarizer(model, limits=_limits())


def _extractive_summarizer() -> Summarizer:
    from common.llm.summarizing import ExtractiveSummarizer

    return ExtractiveSummarizer()


def photos_are_described() -> bool:
    """Whether there is anybody who could; loads nothing."""
    return settings().language_model != "extractive" and settings().language_model_sees


def is_translated() -> bool:
    """Whether there is anybody who could; loads nothing."""
    return settings().language_model != "extractive"


def _photo_describer() -> PhotoDescriber | None:
    """Who says what is to be seen in pictures; None where nobody can, and they stay undescribed."""
    model = _language_model() if photos_are_described() else None
    if model is None:
        return None
    from common.llm.describing import PromptedDescriber

    return PromptedDescriber(model)


def _translator() -> Translator | None:
    """Who translates; None where there is no language model."""
    if (model := _language_model()) is None:
        return None
    from common.llm.translating import PromptedTranslator

    return PromptedTranslator(model)


def _rememberer() -> Rememberer:
    """Who finds what is worth remembering: the language model if there is one, the user's plain sentences otherwise."""
    if (model := _language_model()) is None:
        return _extractive_rememberer(_lasting_judge())
    from common.llm.remembering import PromptedRememberer

    return PromptedRememberer(model)


def _lasting_judge() -> LastingJudge | None:
    """Who judges what lasts; None where there are no vectors of the encoder that this was learnt with."""
    if settings().embedding != "local":
        return None
    from common.llm.lasting import LastingJudge

    return LastingJudge(embedder())


def _extractive_rememberer(judge: LastingJudge | None = None) -> Rememberer:
    """Without a judge, as it stands in for a model where nothing more is to be spent."""
    from common.llm.first_person import FirstPersonRememberer

    return FirstPersonRememberer(judge)


def _reconciler() -> Reconciler:
    """Who judges new facts by those that are known: the language model if there is one, rules otherwise."""
    if (model := _language_model()) is None:
        return _extractive_reconciler()
    from common.llm.reconciling import PromptedReconciler

    return PromptedReconciler(model)


def _extractive_reconciler() -> Reconciler:
    from common.llm.reconciling import RuleReconciler

    return RuleReconciler()


def _day_summarizer() -> DaySummarizer:
    """Who looks back on days: the language model if there is one, what was understood of conversations otherwise."""
    if (model := _language_model()) is None:
        return _extractive_day_summarizer()
    from common.llm.days import PromptedDaySummarizer

    return PromptedDaySummarizer(model)


def _extractive_day_summarizer() -> DaySummarizer:
    from common.llm.plain_days import ExtractiveDaySummarizer

    return ExtractiveDaySummarizer()


def _illustrator() -> OpenAIIllustrator | None:
    """Who draws; None where nobody does."""
    if not (model := settings().openai_image_model):
        return None
    from common.llm.drawing import OpenAIIllustrator

    return OpenAIIllustrator(_openai_endpoint(), model=model)


def _nobody() -> None:
    return None


language_model: WithinBudget[SeeingModel | None] = WithinBudget(_language_model, _nobody)
talker: WithinBudget[Talker | None] = WithinBudget(_talker, _nobody)
structurer: WithinBudget[Structurer] = WithinBudget(_structurer, _extractive_structurer)
judge: WithinBudget[Judge | None] = WithinBudget(_judge, _nobody)
filer: WithinBudget[Filer] = WithinBudget(_filer, _nearest_filer)
summarizer: WithinBudget[Summarizer] = WithinBudget(_summarizer, _extractive_summarizer)
photo_describer: WithinBudget[PhotoDescriber | None] = WithinBudget(_photo_describer, _nobody)
translator: WithinBudget[Translator | None] = WithinBudget(_translator, _nobody)
rememberer: WithinBudget[Rememberer] = WithinBudget(_rememberer, _extractive_rememberer)
reconciler: WithinBudget[Reconciler] = WithinBudget(_reconciler, _extractive_reconciler)
illustrator: WithinBudget[OpenAIIllustrator | None] = WithinBudget(_illustrator, _nobody)
day_summarizer: WithinBudget[DaySummarizer] = WithinBudget(_day_summarizer, _extractive_day_summarizer)


def _is_told_less() -> bool:
    """Whether the language model is somebody else's, who is not told everything."""
    known = settings()
    served_at = known.openai_base_url if known.language_model == "openai" else known.vertex_base_url
    return is_redacted("language_model", address=served_at)


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
def _vertex_project(location: str) -> VertexProject:
    from common.llm.vertex import VertexProject

    known = settings()
    return VertexProject(
        known.google_cloud_project, location, base_url=known.vertex_base_url, timeout_s=known.model_timeout_s
    )
