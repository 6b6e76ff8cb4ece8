"""How much of a recording may be speech, judged by its energy alone.

Speech comes and goes: many times a second it is far louder than in between. So a stretch counts where it is well above
the quietest of the recording. Silence, hum and steady noise do not pass; music may. That is enough to refuse a
recording of nothing, and no substitute for a recogniser.
"""

from __future__ import annotations

from array import array
from operator import mul

from common.speech.transcriber import SAMPLE_RATE

SOMEBODY_S = 3.0
"""Seconds of voice without a word of which it is not believed at once that nobody says anything in them."""
_EVERY = 8
"""Of so many samples one tells how loud it is."""
_FRAME = SAMPLE_RATE * 30 // 1000
_PAUSE = SAMPLE_RATE // 10
_QUIET_PART = 0.1
_ABOVE_QUIET = 2.5
_FAINTEST = 150.0
"""Root mean square, of 32768, below which nobody speaks into a microphone."""


def voiced_seconds(samples: array[int]) -> float:
    """Seconds of `samples` (16 kHz, 16 bit) that may be speech."""
    frames = (samples[at : at + _FRAME] for at in range(0, len(samples) - _FRAME + 1, _FRAME))
    loudness = [(sum(map(mul, frame, frame)) / _FRAME) ** 0.5 for frame in frames]
    if not loudness:
        return 0.0
    quiet = sorted(loudness)[int(len(loudness) * _QUIET_PART)]
    threshold = max(_FAINTEST, quiet * _ABOVE_QUIET)
    voiced = sum(1 for level in loudness if level >= threshold)
    return voiced * _FRAME / SAMPLE_RATE


def may_hold_words(pcm: bytes) -> bool:
    """Whether so much of PCM (16 kHz, 16 bit) may be speech that a word was to be expected."""
    return voiced_seconds(array("h", pcm[: len(pcm) // 2 * 2])) >= SOMEBODY_S


def mean_amplitude(pcm: bytes) -> float:
    """How loud PCM is, of 32768; 0 where there is none. Half a sample at the end does not count."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])[::_EVERY]
    return sum(map(abs, samples)) / len(samples) if samples else 0.0


def quietest(samples: array[int]) -> float:
    """The middle of the quietest tenth of a second of `samples` (16 kHz, 16 bit), in seconds.

    Of several that are equally quiet it is the one nearest to the middle of `samples`.
    """
    last = max(0, len(samples) - _PAUSE)

    def loudness(at: int) -> tuple[int, int]:
        frame = samples[at : at + _PAUSE]
        return sum(map(mul, frame, frame)), abs(2 * at - last)

    return (min(range(0, last + 1, _PAUSE // 2), key=loudness) + _PAUSE / 2) / SAMPLE_RATE
