"""Voice activity for the recogniser: the model of the voice gate."""

from common.speech.silero import Voice, model_session


class VoiceModel:
    """The model, loaded once; every stream listens with its own state."""

    def __init__(self) -> None:
        self._session = model_session()

    def listener(self) -> Voice:
        """The voice activity of one stream."""
        return Voice(self._session)
