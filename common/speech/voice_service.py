"""Voice embeddings by a service over HTTP: a WAV file as multipart form in, a list of numbers out.

`POST {url}/v2/embedding` with the field `file`; the answer is the bare list, a list that holds it, or an object with
it under `embedding`. That is how the service around wespeaker's voxceleb-resnet34-LM is published (CONTRACT section
5.11). Its deadline is in real seconds.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.speech.voices import Rules, Vector, unit
from common.speech.wav import wav_head

if TYPE_CHECKING:
    import httpx

_LONGEST_ANSWER = 1_000_000
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
        import httpx

        files = {"file": ("clip.wav", wav_head(len(pcm)) + pcm, "audio/wav")}
        try:
            # A timeout of httpx counts from byte to byte; the deadline is for all of it.
            with (
                httpx.Client(timeout=self._timeout, trust_env=False) as client,
                client.stream("POST", self._url, files=files) as response,
            ):
                _check(response.status_code)
                body = _read(response, longest_s=self._timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderError("the voice service cannot be reached, or broke off") from error
        return unit(_numbers(body))


def _check(status: int) -> None:
    if status in _EXHAUSTED:
        raise ProviderExhaustedError(f"the voice service answered {status}")
    if status in _REFUSED and status not in _TRANSIENT:
        raise ProviderRefusedError(f"the voice service answered {status}")
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        raise ProviderError(f"the voice service answered {status}")


def _read(response: httpx.Response, *, longest_s: float) -> bytes:
    from common.core.clock import Deadline

    deadline = Deadline.real(longest_s)
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LONGEST_ANSWER or deadline.passed:
            raise ProviderError("the voice service answers too much, or too slowly")
    return bytes(body)


def _numbers(body: bytes) -> list[float]:
    try:
        found: Any = json.loads(body)
    except ValueError as error:
        raise ProviderError("the voice service answered nonsense") from error
    if isinstance(found, dict):
        found = found.get("embedding")
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    if not isinstance(found, list) or len(found) not in _DIMENSIONS or not all(map(_is_number, found)):
        raise ProviderError("the voice service answered nonsense")
    return [float(value) for value in found]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
