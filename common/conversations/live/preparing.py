"""What a connection needs to know before its first frame is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.conversations.live.parameters import ListenParameters
from common.core.errors import InvalidInputError, ProviderRefusedError
from common.core.logs import get_logger, where
from common.core.settings import settings
from common.database import users
from common.speech.companding import make_ready
from common.speech.gate import Gate, new_gate
from common.speech.providers import streaming_transcribers
from common.speech.transcriber import StreamingTranscriber
from common.users.vocabulary import unusual_words


@dataclass(frozen=True)
class Prepared:
    """How a connection's audio is to be recognised.

    `language` is a BCP-47 tag or `multi`; there is a gate per channel, or none where all is sent to the provider.
    `watches_silence`: whether its user wants to know that nobody is heard; nobody can tell where nobody recognises.
    """

    language: str
    vocabulary: tuple[str, ...]
    transcribers: Sequence[StreamingTranscriber]
    gates: tuple[Gate, ...]
    watches_silence: bool = False


def prepare(parameters: ListenParameters, *, uid: str) -> Prepared:
    """Read what the user has set and choose the providers; where none is configured, what is said is only stored.

    Raises:
        InvalidInputError: no provider understands the language; names it.
    """
    preferences = users.find(uid=uid)
    language = parameters.spoken_language
    if preferences.transcription_preferences.single_language_mode and preferences.language:
        language = preferences.language
    vocabulary = unusual_words(preferences)
    watched = preferences.silence_notification_enabled and settings().silence_notice_s > 0
    if parameters.custom_stt:
        return Prepared(language, vocabulary, (), (), watched)
    try:
        transcribers = parameters.preferred_first(streaming_transcribers(language))
    except ProviderRefusedError as error:
        get_logger().error("captured_without_captions", reason=str(error))
        return Prepared(language, vocabulary, (), ())
    if not transcribers:
        raise InvalidInputError(f"unsupported language: {language}")
    make_ready()
    gated = settings().voice_gate if parameters.vad_gate is None else parameters.vad_gate
    gates = _gates(parameters.channels) if gated else ()
    return Prepared(language, vocabulary, transcribers, gates, watched)


def _gates(count: int) -> tuple[Gate, ...]:
    """One per channel; none where the voice model cannot be loaded, and then everything is sent to the provider."""
    try:
        return tuple(new_gate() for _ in range(count))
    except Exception as error:  # noqa: BLE001 - whatever ails the model, what is said is heard without it
        get_logger().error("voice_gate_failed", error=type(error).__name__, at=where(error))
        return ()
