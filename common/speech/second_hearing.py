"""Who hears a finished conversation again, and who measures emotions: what the settings name, made once per process."""

from functools import cache

from common.core.settings import settings
from common.speech.hume import Hume
from common.speech.hume_upload import HumeUpload
from common.speech.whisperx import WhisperX

_MEASURING_WITHIN_S = 240.0
"""Real seconds for ten minutes of audio; whoever asks is given 540."""


@cache
def whisperx() -> WhisperX | None:
    """WhisperX at fal; None where the settings do not ask for it."""
    known = settings()
    if not known.post_processing or known.fal_key is None:
        return None
    from common.speech.fal import FalQueue

    return WhisperX(
        FalQueue(
            key=known.fal_key.get_secret_value(),
            url=known.fal_url,
            model=known.fal_whisperx,
            timeout=known.model_timeout_s,
        )
    )


@cache
def hume() -> Hume | HumeUpload | None:
    """Hume, by the API that the settings name; None where they do not ask for it."""
    known = settings()
    if known.hume_api_key is None:
        return None
    if known.hume_api == "upload":
        return HumeUpload(
            key=known.hume_api_key.get_secret_value(), url=known.hume_upload_url, timeout=_MEASURING_WITHIN_S
        )
    return Hume(key=known.hume_api_key.get_secret_value(), url=known.hume_url, timeout=known.model_timeout_s)
