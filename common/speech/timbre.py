"""How sound sounds, ten milliseconds at a time: mel cepstra, pitch and loudness, by numpy alone.

Mel cepstra as Davis and Mermelstein (1980) have them, from a Hann window of 25 ms and 40 triangles between 80 and
7600 Hz; pitch from the largest peak of the autocorrelation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from common.speech.transcriber import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]

CEPSTRA = 19
"""Coefficients 1 to 19; the one before says how loud it is, not whose voice it is."""
FRAMES_PER_SECOND = 100
_WINDOW, _STEP = SAMPLE_RATE * 25 // 1000, SAMPLE_RATE // FRAMES_PER_SECOND
_TRANSFORM, _CORRELATION = 512, 1024
_TRIANGLES, _LOWEST_HZ, _HIGHEST_HZ = 40, 80.0, 7600.0
_LOWEST_PITCH, _HIGHEST_PITCH = 70, 400
_VOICED = 0.45
"""Autocorrelation, of 1, from which there is a pitch."""
_LOW, _HIGH = slice(3, 120), slice(150, 224)
"""Of the transform: 0.1 to 3.75 kHz, and 4.7 to 7 kHz, where sound sampled at 8 kHz has nothing but rounding."""
_FAINTEST_LOW = 2e-2
"""Power below which the rounding of samples counts too much."""
_AT_ONCE = 500
"""Frames computed at once, which bounds the memory to a few megabytes."""


@dataclass(frozen=True)
class Timbre:
    """Per frame: mel cepstra `(n, 19)`, pitch in hertz (0 where there is none) and mean log energy, both `(n,)`.

    And how bright it is, `(n,)`: the power above 4.7 kHz by that below 3.75 kHz.
    """

    cepstra: Array
    pitch: Array
    loudness: Array
    brightness: Array

    def __len__(self) -> int:
        return len(self.pitch)


def timbre_of(pcm: bytes) -> Timbre:
    """The timbre of PCM (16 kHz mono s16le); of less than a window there is none."""
    import numpy as np

    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
    if len(samples) < _WINDOW:
        return Timbre(np.zeros((0, CEPSTRA), np.float32), *(np.zeros(0, np.float32) for _ in range(3)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_STEP]
    parts = [_measure(frames[start : start + _AT_ONCE]) for start in range(0, len(frames), _AT_ONCE)]
    return Timbre(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _measure(frames: Array) -> tuple[Array, Array, Array, Array]:
    import numpy as np

    window, triangles, cosines = _tables()
    power = np.abs(np.fft.rfft(frames * window, _TRANSFORM)) ** 2
    energies = np.log(power @ triangles + 1e-7)
    return (
        (energies @ cosines).astype(np.float32),
        _pitch(frames),
        energies.mean(axis=1).astype(np.float32),
        (power[:, _HIGH].sum(axis=1) / (power[:, _LOW].sum(axis=1) + _FAINTEST_LOW)).astype(np.float32),
    )


def _pitch(frames: Array) -> Array:
    import numpy as np

    spectrum = np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), _CORRELATION)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:, :_WINDOW]
    correlation /= correlation[:, :1] + 1e-9
    shortest, longest = SAMPLE_RATE // _HIGHEST_PITCH, SAMPLE_RATE // _LOWEST_PITCH
    lags = correlation[:, shortest:longest].argmax(axis=1) + shortest
    voiced = correlation[np.arange(len(frames)), lags] > _VOICED
    return np.where(voiced, SAMPLE_RATE / lags, 0.0).astype(np.float32)


@cache
def _tables() -> tuple[Array, Array, Array]:
    """The window, the mel triangles `(257, 40)` and the cosines `(40, 19)`."""
    import numpy as np

    mels = np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), _TRIANGLES + 2)
    corners = np.floor((_TRANSFORM + 1) * 700 * (10 ** (mels / 2595) - 1) / SAMPLE_RATE)
    bins = np.arange(_TRANSFORM // 2 + 1)[:, None]
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    rising = (bins - low) / np.maximum(1, centre - low)
    falling = (high - bins) / np.maximum(1, high - centre)
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    # The discrete cosine transform (type II, orthonormal), without its first row.
    angle = np.pi * (2 * np.arange(_TRIANGLES)[:, None] + 1) * np.arange(1, CEPSTRA + 1) / (2 * _TRIANGLES)
    cosines = np.cos(angle) * np.sqrt(2 / _TRIANGLES)
    return np.hanning(_WINDOW).astype(np.float32), triangles.astype(np.float32), cosines.astype(np.float32)


def _mel(hertz: float) -> float:
    import math

    return 2595 * math.log10(1 + hertz / 700)
