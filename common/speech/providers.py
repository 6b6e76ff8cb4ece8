"""The speech providers that the settings name, made once per process."""

from functools import cache

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.speech.transcriber import BatchTranscriber, StreamingTranscriber


def _local_models_url() -> str:
    if not (url := settings().local_models_url):
        raise ProviderRefusedError("no speech provider: LOCAL_MODELS_URL is not set")
    return url


@cache
def streaming_transcriber() -> StreamingTranscriber:
    """The provider of live recognition."""
    from common.speech.local import LocalStreamingTranscriber

    return LocalStreamingTranscriber(_local_models_url(), timeout=settings().model_timeout_s)


@cache
def batch_transcriber() -> BatchTranscriber:
    """The provider of recognition of what is recorded."""
    from common.speech.local import LocalBatchTranscriber

    return LocalBatchTranscriber(_local_models_url(), timeout=settings().model_timeout_s)
