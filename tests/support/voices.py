"""Recordings to send: of somebody who speaks, and of what is no speech."""

import io
import math
import random
import wave
from functools import cache
from itertools import islice

import numpy as np
import soxr

from common.speech.files import decode_file
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.demo.script import read_script
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


def deeper(pcm: bytes, *, by: float) -> bytes:
    """The same said more slowly by a larger throat: another voice, with pitch and formants `by` times lower."""
    slower = soxr.resample(np.frombuffer(pcm, "<i2"), SAMPLE_RATE, SAMPLE_RATE * by)
    return bytes(slower.astype("<i2").tobytes())


def softer(pcm: bytes, *, by: int) -> bytes:
    """The same, `by` times softer."""
    return bytes((np.frombuffer(pcm, "<i2") // by).astype("<i2").tobytes())


@cache
def turns_of(speaker: str) -> list[bytes]:
    """PCM of what one of the two speakers of the bundled recording (`A` or `B`) says, turn by turn."""
    spoken = _turns()
    script = read_script()
    assert len(spoken) == len(script), "every pause between turns is found, and no other"
    return [pcm for turn, pcm in zip(script, spoken, strict=True) if turn.speaker == speaker]


def _turns() -> list[bytes]:
    """The bundled recording, cut at its pauses of 0.7 s."""
    with MEETING.open("rb") as file:
        samples = np.frombuffer(b"".join(decode_file(file)), "<i2")
    window = SAMPLE_RATE // 100
    loud = np.abs(samples[: len(samples) // window * window].reshape(-1, window).astype(int)).max(axis=1) > 120
    voiced = np.flatnonzero(loud)
    borders = np.flatnonzero(np.diff(voiced) > 60)
    starts, ends = voiced[np.r_[0, borders + 1]], voiced[np.r_[borders, len(voiced) - 1]] + 1
    return [samples[start * window : end * window].tobytes() for start, end in zip(starts, ends, strict=True)]
