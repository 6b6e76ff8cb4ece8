"""PCM to an MP3 file, piece by piece: what services take that fetch a recording; an hour is 29 MB."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from common.speech.transcriber import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "audio/mpeg"
_BITS_PER_SECOND = 64_000


def encode_mp3(pieces: Iterable[bytes]) -> bytes:
    """A file that holds `pieces` of PCM (16 kHz mono s16le, whole samples) one after the other."""
    import av
    import numpy as np

    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = _BITS_PER_SECOND
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=SAMPLE_RATE)
        written = 0
        for pcm in pieces:
            samples = np.frombuffer(pcm, "<i2")
            if not len(samples):
                continue
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, written
            written += len(samples)
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return target.getvalue()
