"""How likely each 32 ms of audio holds speech: Silero VAD 6 (MIT, silero_vad.LICENSE) through ONNX Runtime.

The file is the one inside the package `silero-vad` 6.2.3, which itself could not be installed without torch.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from common.speech.onnx_sessions import open_session

WINDOW = 512
WINDOW_BYTES = 2 * WINDOW
"""One window: 512 samples of PCM, 32 ms at 16 kHz."""
_CONTEXT, _STATE = 64, (1, 1, 128)
_MODEL = Path(__file__).with_name("silero_vad_16k_sequence.onnx")
_SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"


class Voice:
    """The voice activity of one stream.

    Args:
        session: of ONNX Runtime, with the model that takes several windows per call; shared by all streams.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: what comes next does not follow it."""
        import numpy as np

        self._hidden = np.zeros(_STATE, np.float32)
        self._cell = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def __call__(self, pcm: bytes) -> list[float]:
        """A probability for each window of `pcm`, which must be whole windows and follow the previous call's."""
        import numpy as np

        if not pcm:
            return []
        samples = np.concatenate([self._context, np.frombuffer(pcm, "<i2").astype(np.float32) / 32768])
        # Each window is preceded by the last samples of the one before.
        windows = np.lib.stride_tricks.sliding_window_view(samples, _CONTEXT + WINDOW)[::WINDOW]
        probabilities, self._hidden, self._cell = self._session.run(
            None, {"input": np.ascontiguousarray(windows), "h": self._hidden, "c": self._cell}
        )
        self._context = samples[-_CONTEXT:]
        return [float(probability) for probability in probabilities]


@cache
def model_session() -> Any:
    """The model, loaded once per process.

    Raises:
        RuntimeError: the file beside this module is not the published one.
    """
    data = _MODEL.read_bytes()
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise RuntimeError(f"{_MODEL.name} is not the published model")
    return open_session(_MODEL)
