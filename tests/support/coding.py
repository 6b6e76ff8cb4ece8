"""Sound as devices code it."""

import math
import struct

import av
import lc3  # type: ignore[import-untyped]  # ships no types
import numpy as np


def tone(seconds: float, *, rate: int = 16_000, hertz: float = 440.0, amplitude: float = 8000.0) -> bytes:
    """PCM (s16le) of a steady tone."""
    count = round(seconds * rate)
    return struct.pack(f"<{count}h", *(round(amplitude * math.sin(math.tau * hertz * n / rate)) for n in range(count)))


def lc3_frames(pcm: bytes, *, rate: int = 16_000, size: int = 30) -> list[bytes]:
    """PCM of `rate` hertz as LC3 frames of 10 ms and `size` bytes."""
    encoder = lc3.Encoder(10_000, rate)
    step = rate // 100 * 2
    return [encoder.encode(pcm[at : at + step], size, bit_depth=16) for at in range(0, len(pcm), step)]


def aac_units(pcm: bytes, *, rate: int = 16_000, layout: str = "mono") -> list[bytes]:
    """PCM of `rate` hertz as access units without headers."""
    encoder = av.CodecContext.create("aac", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = rate, layout, "fltp", 64_000
    channels = 2 if layout == "stereo" else 1
    samples = np.frombuffer(pcm, "<i2").astype("<f4") / 32_768
    packets: list[bytes] = []
    for at in range(0, len(samples) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(np.stack([samples[at : at + 1024]] * channels), "fltp", layout)
        frame.sample_rate, frame.pts = rate, at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets
