"""A model for what nothing else can do: there is one, or it is said why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import BadRequestError, LockedError
from common.core.settings import settings
from common.llm.providers import illustrator, language_model

if TYPE_CHECKING:
    from common.llm.drawing import OpenAIIllustrator
    from common.llm.ports import LanguageModel

_SPENT = "Today's use of models is spent"


def required_model() -> LanguageModel:
    """The language model.

    Raises:
        BadRequestError: none is set up.
        LockedError: whom the work is for has used up today's tokens.
    """
    model = language_model()
    if model is not None:
        return model
    if settings().language_model == "extractive":
        raise BadRequestError("This needs a language model, and none is set up here (LANGUAGE_MODEL)")
    raise LockedError(_SPENT)


def required_illustrator() -> OpenAIIllustrator:
    """Who draws.

    Raises:
        BadRequestError: nobody is set up.
        LockedError: whom the work is for has used up today's tokens.
    """
    found = illustrator()
    if found is not None:
        return found
    if not settings().openai_image_model:
        raise BadRequestError("This needs a model that draws, and none is set up here (OPENAI_IMAGE_MODEL)")
    raise LockedError(_SPENT)
