"""Voice embeddings by a service over HTTP: a WAV file as multipart form in, a list of numbers out.

`POST {url}/v2/embedding` with the field `file`; the answer is the bare list, a list that holds it, or an object with
it under `embedding`. That is how the service around wespeaker's voxceleb-resnet34-LM is published (CONTRACT section
5.11). Its deadline is in real seconds.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.posting import post
from common.speech.voices import Rules, Vector, unit
from common.speech.wav import wav_head

_PROVIDER = "the voice service"
_DIMENSIONS = range(16, 4097)
_REFUSED = range(400, 500)
_EXHAUSTED = frozenset({401, 402, 403, 429})
_TRANSIENT = frozenset({404, 408})
"""Of the answers that blame the request, those that blame the service all the same: not there yet, or too slow."""


class VoiceService:
    """Embeds voices by a service.

    Args:
        url: its address, without the path.
        name: the model behind it; another name makes what was stored incomparable, as it should.
        timeout: real seconds for one clip.
        rules: when two of its vectors are one voice.
    """

    def __init__(self, url: str, *, name: str, timeout: float, rules: Rules) -> None:
        self.name = name
        self.rules = rules
        self._url = f"{url.rstrip('/')}/v2/embedding"
        self._timeout = timeout

    def embed(self, pcm: bytes) -> Vector:
        """Ask the service about a clip.

        Raises:
            ProviderRefusedError: it does not take this clip.
            ProviderExhaustedError: it takes none from us for now.
            ProviderError: it is not there, too slow, or answers nonsense.
        """
        files = {"file": ("clip.wav", wav_head(len(pcm)) + pcm, "audio/wav")}
        answer = post(self._url, provider=_PROVIDER, within_s=self._timeout, files=files)
        _check(answer.status)
        return unit(_numbers(answer.body))


def _check(status: int) -> None:
    if status in _EXHAUSTED:
        raise ProviderExhaustedError(f"{_PROVIDER} answered {status}")
    if status in _REFUSED and status not in _TRANSIENT:
        raise ProviderRefusedError(f"{_PROVIDER} answered {status}")
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        raise ProviderError(f"{_PROVIDER} answered {status}")


def _numbers(body: bytes) -> list[float]:
    try:
        found: Any = json.loads(body)
    except ValueError as error:
        raise ProviderError(f"{_PROVIDER} answered nonsense") from error
    if isinstance(found, dict):
        found = found.get("embedding")
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, list) or len(found) not in _DIMENSIONS or not all(map(_is_number, found)):
        raise ProviderError(f"{_PROVIDER} answered nonsense")
    return [float(value) for value in found]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
