"""The speech providers that the settings name, made once per process; only what is used is loaded."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, TypedDict, TypeVar

from pydantic import SecretStr

from common.core.errors import ProviderRefusedError
from common.core.logs import get_logger
from common.core.settings import settings
from common.speech.failing_over import FailingOverTranscriber
from common.speech.metered import MeteredBatch, MeteredStreaming
from common.speech.transcriber import BatchTranscriber, StreamingTranscriber

if TYPE_CHECKING:
    from common.speech.google import SpeechProject

T = TypeVar("T")


def streaming_transcribers(language: str) -> list[StreamingTranscriber]:
    """The providers of live recognition that understand `language` (a BCP-47 tag, or `multi`), best first.

    Raises:
        ProviderRefusedError: the settings lack what any of them needs; names it.
    """
    return [each for each in configured_streaming() if each.understands(language)]


@cache
def configured_streaming() -> tuple[StreamingTranscriber, ...]:
    """All providers of live recognition, best first; raises like `streaming_transcribers`."""
    return tuple(MeteredStreaming(each) for each in _made(settings().streaming_transcribers, _STREAMING))


def understands(language: str) -> bool:
    """Whether a provider of live recognition that the settings name understands `language`; asks for no key."""
    return any(_understands(name, language) for name in settings().streaming_transcribers)


@cache
def batch_transcriber() -> BatchTranscriber:
    """The provider of recognition of what is recorded: several are asked in their order until one works.

    Raises:
        ProviderRefusedError: the settings lack what any of them needs; names it.
    """
    made = tuple(MeteredBatch(each) for each in _made(settings().batch_transcribers, _BATCH))
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


def _understands(name: str, language: str) -> bool:
    if name == "google":
        from common.speech.google_languages import spoken_tag

        return spoken_tag(language, model=settings().google_speech_model, streaming=True) is not None
    from common.speech import deepgram, local, soniox, speechmatics

    known = {
        "deepgram": deepgram.understands,
        "soniox": soniox.understands,
        "speechmatics": speechmatics.understands,
        "local": local.understands,
    }
    return known[name](language)


def _local_models_url() -> str:
    if not (url := settings().local_models_url):
        raise ProviderRefusedError("no speech provider: LOCAL_MODELS_URL is not set")
    return url


def _local_streaming() -> StreamingTranscriber:
    from common.speech.local import LocalStreamingTranscriber

    return LocalStreamingTranscriber(_local_models_url(), timeout=settings().model_timeout_s)


def _local_batch() -> BatchTranscriber:
    from common.speech.local import LocalBatchTranscriber

    return LocalBatchTranscriber(_local_models_url(), timeout=settings().model_timeout_s)


def _deepgram_streaming() -> StreamingTranscriber:
    from common.speech.deepgram import DeepgramStreamingTranscriber

    return DeepgramStreamingTranscriber(**_deepgram())


def _deepgram_batch() -> BatchTranscriber:
    from common.speech.deepgram_recordings import DeepgramBatchTranscriber

    return DeepgramBatchTranscriber(**_deepgram())


def _deepgram() -> "_Service":
    known = settings()
    return _service("DEEPGRAM_API_KEY", known.deepgram_api_key, known.deepgram_url, known.deepgram_model)


def _soniox_streaming() -> StreamingTranscriber:
    from common.speech.soniox import SonioxStreamingTranscriber

    known = settings()
    return SonioxStreamingTranscriber(
        **_service("SONIOX_API_KEY", known.soniox_api_key, known.soniox_url, known.soniox_model)
    )


def _speechmatics_streaming() -> StreamingTranscriber:
    from common.speech.speechmatics import SpeechmaticsStreamingTranscriber

    known = settings()
    key, url, model = known.speechmatics_api_key, known.speechmatics_url, known.speechmatics_model
    return SpeechmaticsStreamingTranscriber(**_service("SPEECHMATICS_API_KEY", key, url, model))


class _Service(TypedDict):
    key: str
    url: str
    model: str
    timeout: float


def _service(name: str, key: SecretStr | None, url: str, model: str) -> _Service:
    if key is None:
        raise ProviderRefusedError(f"no speech provider: {name} is not set")
    return _Service(key=key.get_secret_value(), url=url, model=model, timeout=settings().model_timeout_s)


def _google_streaming() -> StreamingTranscriber:
    from common.speech.google_streaming import GoogleStreamingTranscriber

    return GoogleStreamingTranscriber(_speech_project(), timeout=settings().model_timeout_s)


def _google_batch() -> BatchTranscriber:
    from common.speech.google_recordings import GoogleBatchTranscriber

    return GoogleBatchTranscriber(_speech_project(), timeout=settings().model_timeout_s)


@cache
def _speech_project() -> "SpeechProject":
    from common.speech.google import SpeechProject

    known = settings()
    return SpeechProject(
        known.google_cloud_project,
        location=known.google_speech_location,
        model=known.google_speech_model,
        address=known.google_speech_address,
    )


_STREAMING: dict[str, Callable[[], StreamingTranscriber]] = {
    "deepgram": _deepgram_streaming,
    "soniox": _soniox_streaming,
    "speechmatics": _speechmatics_streaming,
    "google": _google_streaming,
    "local": _local_streaming,
}
_BATCH: dict[str, Callable[[], BatchTranscriber]] = {
    "deepgram": _deepgram_batch,
    "google": _google_batch,
    "local": _local_batch,
}
