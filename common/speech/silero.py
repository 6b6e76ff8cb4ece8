"""How likely each 32 ms of audio holds speech (Silero VAD 6, MIT), through ONNX Runtime where both are installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from common.core.logs import get_logger
from common.speech.onnx_sessions import open_session

WINDOW = 512
WINDOW_BYTES = 2 * WINDOW
"""One window: 512 samples of PCM, 32 ms at 16 kHz."""
_CONTEXT, _STATE = 64, (1, 1, 128)
_PACKAGE, _MODEL = "silero_vad", "data/silero_vad_16k_sequence.onnx"


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
def installed_session() -> Any | None:
    """The model of the package `silero-vad`, loaded once; None, and a line in the log, if something is missing.

    The package itself is not imported: that would load torch.
    """
    spec = find_spec(_PACKAGE)
    path = Path(spec.origin).parent / _MODEL if spec is not None and spec.origin is not None else None
    if path is None or not path.is_file() or find_spec("onnxruntime") is None:
        get_logger().warning("voice_activity_by_energy_alone", reason="silero-vad or onnxruntime is not installed")
        return None
    return open_session(path)
