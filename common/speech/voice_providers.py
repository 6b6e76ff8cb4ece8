"""The voice embedder that the settings name, made once per process."""

from functools import cache

from common.core.settings import settings
from common.speech.voices import Rules, VoiceEmbedder


@cache
def voice_embedder() -> VoiceEmbedder:
    """The service where its address is known, else statistics in this process."""
    known = settings()
    if known.voice_embedding_url:
        from common.speech.voice_service import VoiceService

        return VoiceService(
            known.voice_embedding_url,
            name=known.voice_embedding_model,
            timeout=known.voice_embedding_timeout_s,
            rules=Rules(largest_distance=known.voice_embedding_distance),
        )
    from common.speech.voice_statistics import VoiceStatistics

    return VoiceStatistics()
