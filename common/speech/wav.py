"""WAV files (RIFF): PCM, 16 bit, one channel, 16 kHz, and nothing else; read as apps record them, written to play."""

from __future__ import annotations

import io
import struct
import sys
import wave
from array import array

from common.core.errors import BadRequestError
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

_LARGEST = 0xFFFFFFFF
_HEAD = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEAD_SIZE = _HEAD.size
"""Bytes before the PCM."""


def read_wav(data: bytes) -> array[int]:
    """The samples in a WAV file.

    Raises:
        BadRequestError: it is none, or of another kind.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            kind = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise BadRequestError("Not a WAV file") from error
    if kind != (SAMPLE_RATE, 1, 2):
        raise BadRequestError("The recording must be 16 kHz, one channel, 16 bit")
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def pcm_of(samples: array[int]) -> bytes:
    """The samples as PCM (s16le)."""
    if sys.byteorder == "little":
        return samples.tobytes()
    swapped = array("h", samples)
    swapped.byteswap()
    return swapped.tobytes()


def wav_head(size: int) -> bytes:
    """What stands before `size` bytes of PCM (16 kHz mono s16le); the format ends at 4 GiB, so longer ones say that."""
    return _HEAD.pack(
        b"RIFF",
        min(size + HEAD_SIZE - 8, _LARGEST),
        b"WAVE",
        b"fmt ",
        16,  # bytes of this chunk
        1,  # PCM
        1,  # channel
        SAMPLE_RATE,
        BYTES_PER_SECOND,
        2,  # bytes per sample
        16,  # bits per sample
        b"data",
        min(size, _LARGEST),
    )
