"""Voice activity by the model whose weights are checked."""

from common.speech.onnx_sessions import open_session
from common.speech.silero import Voice
from local.models.weights import VOICE_ACTIVITY


class VoiceModel:
    """The model, loaded once; every stream listens with its own state."""

    def __init__(self) -> None:
        self._session = open_session(VOICE_ACTIVITY.locate())

    def listener(self) -> Voice:
        """The voice activity of one stream."""
        return Voice(self._session)
