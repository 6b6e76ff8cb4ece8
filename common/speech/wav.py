"""WAV files as apps record them: PCM, 16 bit, one channel, 16 kHz, and nothing else."""

from __future__ import annotations

import io
import sys
import wave
from array import array

from common.core.errors import BadRequestError
from common.speech.transcriber import SAMPLE_RATE


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
