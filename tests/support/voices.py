"""Recordings to send: of somebody who speaks, and of what is no speech."""

import io
import math
import random
import wave
from functools import cache
from itertools import islice

from common.speech.files import decode_file
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.manifest import ROOT

MEETING = ROOT / "local" / "demo" / "meeting.ogg"


def wav(pcm: bytes, *, rate: int = SAMPLE_RATE, channels: int = 1, width: int = 2) -> bytes:
    """A WAV file that holds `pcm`."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return target.getvalue()


@cache
def speech(seconds: int) -> bytes:
    """PCM of the bundled recording."""
    with MEETING.open("rb") as file:
        pcm = b"".join(islice(decode_file(file), seconds + 1))
    return pcm[: seconds * BYTES_PER_SECOND]


def silence(seconds: float) -> bytes:
    """PCM of nothing."""
    return bytes(round(seconds * SAMPLE_RATE) * 2)


def hum(seconds: float) -> bytes:
    """PCM of a loud tone of 120 hertz."""
    turns = (2 * math.pi * 120 * at / SAMPLE_RATE for at in range(round(seconds * SAMPLE_RATE)))
    return b"".join(round(8000 * math.sin(turn)).to_bytes(2, "little", signed=True) for turn in turns)


def noise(seconds: float) -> bytes:
    """PCM of steady noise."""
    chance = random.Random(1)  # noqa: S311 - noise, not a secret
    return b"".join(
        round(chance.gauss(0, 2000)).to_bytes(2, "little", signed=True) for _ in range(round(seconds * SAMPLE_RATE))
    )
