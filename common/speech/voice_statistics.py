"""The voice embedding that needs no model: statistics of timbre and pitch. It is modest, and its name says what it is.

A clip becomes the means and spreads of 19 mel cepstra and its median pitch, each as how far it lies from what is
usual. That tells voices that differ plainly and keeps one microphone apart from another as well as one voice: whoever
is recorded in another room may go unrecognised, and two similar voices may be confused. Measured on 17 synthetic
voices and one reader, in clips of 5 s: 0.05 between clips of one voice (95 % below 0.16), 0.28 and more between 99 %
of clips of two. For better there is `voice_service`.

Sound without its upper half, from devices that sample at 8 kHz or from a telephone, is refused: what is missing makes
all voices alike (measured on 12 voices: 0.03 between clips of two), and a wrong name is worse than none.
"""

from __future__ import annotations

from common.core.errors import ProviderRefusedError
from common.speech.timbre import CEPSTRA, FRAMES_PER_SECOND, timbre_of
from common.speech.voices import Rules, Vector, unit

_QUIET_PART = 0.25
"""The quietest frames hold pauses, and say how the room sounds."""
_LEAST_VOICED = FRAMES_PER_SECOND // 2
_BRIGHTEST_PART, _LEAST_BRIGHT = 0.95, 0.005
"""Some frames of any speech hiss: above 0.011 where sound is whole, below 0.002 where it was sampled at 8 kHz."""
_FAINTEST_DEVIATION = 1e-3
_PITCH_WEIGHT = 2.0
# Of five recorded and three synthetic voices: what is usual, and how far voices lie apart. Means, logarithms of the
# spreads, and the logarithm of the median pitch in hertz.
_USUAL = (
    *(12.17, 1.59, 6.27, -1.26, -0.80, 0.42, -1.79, 0.18, -0.01, 0.65),
    *(0.50, -0.19, 0.33, 0.01, -0.23, -0.28, -0.24, -0.64, -0.52),
    *(2.35, 1.57, 1.64, 1.32, 1.06, 1.01, 0.87, 0.73, 0.62, 0.48),
    *(0.34, 0.36, 0.26, 0.19, 0.11, 0.05, -0.06, -0.18, -0.20),
    4.80,
)
_APART = (
    *(3.70, 3.68, 1.68, 1.99, 1.54, 1.49, 1.59, 0.79, 0.66, 0.66),
    *(0.92, 0.55, 0.78, 0.58, 0.53, 0.71, 0.41, 0.29, 0.62),
    *(0.20, 0.14, 0.17, 0.17, 0.25, 0.31, 0.32, 0.30, 0.22, 0.28),
    *(0.28, 0.26, 0.31, 0.26, 0.28, 0.32, 0.22, 0.29, 0.29),
    0.28,
)


class VoiceStatistics:
    """Embeds voices by the statistics of their timbre, in this process."""

    name = "mfcc-f0-statistics-1"
    rules = Rules(largest_distance=0.20)

    def embed(self, pcm: bytes) -> Vector:
        """The 39 numbers of a clip.

        Raises:
            ProviderRefusedError: it is too short, hardly anything in it has a pitch, or its upper half is missing.
        """
        import numpy as np

        timbre = timbre_of(pcm)
        pitch = timbre.pitch[timbre.pitch > 0]
        if len(timbre) < self.rules.shortest_s * FRAMES_PER_SECOND - 3 or len(pitch) < _LEAST_VOICED:
            raise ProviderRefusedError("the clip holds too little of a voice")
        if np.quantile(timbre.brightness, _BRIGHTEST_PART) < _LEAST_BRIGHT:
            raise ProviderRefusedError("the clip holds the lower half of a voice only")
        cepstra = timbre.cepstra[timbre.loudness >= np.quantile(timbre.loudness, _QUIET_PART)]
        spreads = np.log(np.maximum(cepstra.std(axis=0), _FAINTEST_DEVIATION))
        found = np.concatenate([cepstra.mean(axis=0), spreads, [np.log(np.median(pitch))]])
        weights = np.ones(2 * CEPSTRA + 1)
        weights[-1] = _PITCH_WEIGHT
        return unit([float(value) for value in (found - _USUAL) / _APART * weights])
