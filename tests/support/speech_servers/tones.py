"""Words as tones: each number has a pitch of its own, and this ear knows them."""

import math
from array import array
from functools import cache
from itertools import pairwise

from common.speech.transcriber import SAMPLE_RATE


@cache
def tone(number: int, seconds: float = 0.3) -> bytes:
    """The word `number`, as the ear here hears it: a tone of its own pitch."""
    pitch = 2 * math.pi * (200 + 50 * number) / SAMPLE_RATE
    return array("h", (round(6000 * math.sin(pitch * at)) for at in range(round(seconds * SAMPLE_RATE)))).tobytes()


def quiet(seconds: float) -> bytes:
    """Silence."""
    return bytes(2 * round(seconds * SAMPLE_RATE))


def ear(pcm: bytes) -> list[tuple[str, float, float]]:
    """Tones to words: stretches without a pause of 50 ms, by their pitch."""
    samples = array("h", pcm)
    loud = [at for at in range(0, len(samples), 400) if max(map(abs, samples[at : at + 400])) > 1000]
    words: list[tuple[str, float, float]] = []
    while loud:
        length = next((n for n in range(1, len(loud)) if loud[n] - loud[n - 1] > 800), len(loud))
        first, last = loud[0], loud[length - 1] + 400
        loud = loud[length:]
        voiced = samples[first:last]
        crossings = sum(1 for a, b in pairwise(voiced) if a < 0 <= b)
        number = round((crossings * SAMPLE_RATE / len(voiced) - 200) / 50)
        words.append((f"n{number}", first / SAMPLE_RATE, last / SAMPLE_RATE))
    return words
