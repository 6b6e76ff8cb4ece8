"""Voice activity: how likely each 32 ms of audio holds speech (Silero VAD)."""

from typing import Any

import numpy as np

from local.models.sessions import open_session
from local.models.weights import VOICE_ACTIVITY

WINDOW_BYTES = 512 * 2
"""One window: 512 samples of PCM, 32 ms at 16 kHz."""
_WINDOW, _CONTEXT, _STATE = 512, 64, (1, 1, 128)


class VoiceModel:
    """The model, loaded once; every stream listens with its own state."""

    def __init__(self) -> None:
        self.session = open_session(VOICE_ACTIVITY.locate())


class Voice:
    """The voice activity of one stream."""

    def __init__(self, model: VoiceModel) -> None:
        self._session: Any = model.session
        self._hidden = np.zeros(_STATE, np.float32)
        self._cell = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def __call__(self, pcm: bytes) -> list[float]:
        """A probability for each window of `pcm`, which must be whole windows and follow the previous call's."""
        if not pcm:
            return []
        samples = np.concatenate([self._context, np.frombuffer(pcm, "<i2").astype(np.float32) / 32768])
        # Each window is preceded by the last samples of the one before.
        windows = np.lib.stride_tricks.sliding_window_view(samples, _CONTEXT + _WINDOW)[::_WINDOW]
        probabilities, self._hidden, self._cell = self._session.run(
            None, {"input": np.ascontiguousarray(windows), "h": self._hidden, "c": self._cell}
        )
        self._context = samples[-_CONTEXT:]
        return [float(probability) for probability in probabilities]
