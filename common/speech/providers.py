"""The speech providers that the settings name, made once per process; only what is used is loaded."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeVar

from common.core.errors import ProviderRefusedError
from common.core.logs import get_logger
from common.core.settings import settings
from common.speech.failing_over import FailingOverTranscriber
from common.speech.transcriber import BatchTranscriber, StreamingTranscriber

T = TypeVar("T")


def streaming_transcribers(language: str) -> list[StreamingTranscriber]:
    """The providers of live recognition that understand `language` (a BCP-47 tag, or `multi`), best first.

    Raises:
        ProviderRefusedError: the settings lack what any of them needs; names it.
    """
    return [each for each in configured_streaming() if each.understands(language)]


def streaming_transcriber() -> StreamingTranscriber:
    """The first provider of live recognition, whatever the language; raises like `streaming_transcribers`."""
    return configured_streaming()[0]


@cache
def configured_streaming() -> tuple[StreamingTranscriber, ...]:
    """All providers of live recognition, best first; raises like `streaming_transcribers`."""
    return _made(settings().streaming_transcribers, _STREAMING)


def understands(language: str) -> bool:
    """Whether a provider of live recognition that the settings name understands `language`; asks for no key."""
    return any(_UNDERSTANDS[name](language) for name in settings().streaming_transcribers)


@cache
def batch_transcriber() -> BatchTranscriber:
    """The provider of recognition of what is recorded: several are asked in their order until one works.

    Raises:
        ProviderRefusedError: the settings lack what any of them needs; names it.
    """
    made = _made(settings().batch_transcribers, _BATCH)
    return made[0] if len(made) == 1 else FailingOverTranscriber(made)


def _made(names: Iterable[str], makers: dict[str, Callable[[], T]]) -> tuple[T, ...]:
    """The providers of these names; one whose settings are incomplete is left out while there is another."""
    made: list[T] = []
    lacking: ProviderRefusedError | None = None
    for name in dict.fromkeys(names):
        try:
            made.append(makers[name]())
        except ProviderRefusedError as error:
            get_logger().error("speech_provider_not_configured", provider=name, reason=str(error))
            lacking = lacking or error
    if not made:
        raise lacking or ProviderRefusedError("no speech provider")
    return tuple(made)


def _local_models_url() -> str:
    if not (url := settings().local_models_url):
        raise ProviderRefusedError("no speech provider: LOCAL_MODELS_URL is not set")
    return url


def _local_streaming() -> StreamingTranscriber:
    from common.speech.local import LocalStreamingTranscriber

    return LocalStreamingTranscriber(_local_models_url(), timeout=settings().model_timeout_s)


def _local_understands(language: str) -> bool:
    from common.speech import local

    return local.understands(language)


def _local_batch() -> BatchTranscriber:
    from common.speech.local import LocalBatchTranscriber

    return LocalBatchTranscriber(_local_models_url(), timeout=settings().model_timeout_s)


_STREAMING: dict[str, Callable[[], StreamingTranscriber]] = {
    "local": _local_streaming,
}
_UNDERSTANDS: dict[str, Callable[[str], bool]] = {
    "local": _local_understands,
}
_BATCH: dict[str, Callable[[], BatchTranscriber]] = {
    "local": _local_batch,
}
