"""Pictures from words, by any server that speaks OpenAI's protocol for them."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from common.core import spans
from common.core.errors import ProviderError
from common.core.pictures import kind_of_image

if TYPE_CHECKING:
    from common.llm.openai import OpenAIEndpoint

_SIZE = "1024x1024"
_TOLD_THE_FORM = "dall-e"
"""Models called so answer with an address unless they are told; the newer ones refuse to be told."""


class OpenAIIllustrator:
    """Asks a model that draws."""

    def __init__(self, endpoint: OpenAIEndpoint, *, model: str) -> None:
        self.name = f"{model} ({endpoint.provider})"
        self._endpoint = endpoint
        self._model = model

    def draw(self, about: str) -> bytes:
        """A PNG, JPEG, GIF or WebP that shows what the words say.

        Raises:
            ProviderError: the provider failed, was too slow or answered with something else.
        """
        asked: dict[str, Any] = {"model": self._model, "prompt": about, "n": 1, "size": _SIZE}
        if self._model.startswith(_TOLD_THE_FORM):
            asked["response_format"] = "b64_json"
        with spans.span("illustrator", provider=self.name):
            reply = self._endpoint.post("/images/generations", asked, self._endpoint.limit())
        try:
            picture = b64decode(reply["data"][0]["b64_json"], validate=True)
        except (KeyError, IndexError, TypeError, ValueError):
            raise ProviderError(f"{self._endpoint.provider}: the answer holds no picture") from None
        if kind_of_image(picture) is None:
            raise ProviderError(f"{self._endpoint.provider}: the answer holds no picture")
        return picture
