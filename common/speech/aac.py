"""AAC frames to PCM, packet by packet: with an ADTS header each (ISO 14496-3 annex 1.A), or bare access units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.audio.codeccontext import AudioCodecContext

RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
"""Sampling rates by their index."""
SAMPLES = 1024
"""Of one access unit, at the rate that its header names (spectral band replication doubles both)."""
_MOST_UNITS = 64
"""Access units of one message that count: a few seconds. Garbage must not claim hours."""
_HEADER = 7
_SYNC, _SYNC_AND_LAYER, _SYNC_AND_LAYER_0 = 0xFF, 0xF6, 0xF0
_LOW_COMPLEXITY = 2


class Unit(NamedTuple):
    """What is decoded at once: `samples` at `rate` hertz, as its header says (or the stream, where there is none)."""

    data: bytes
    rate: int
    samples: int = SAMPLES

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples / self.rate


def units(frame: bytes, *, sample_rate: int) -> list[Unit]:
    """The access units of a message; without a header all of it is one unit, at `sample_rate` hertz.

    What follows the last proper unit is dropped.
    """
    found: list[Unit] = []
    at = 0
    while len(found) < _MOST_UNITS and (unit := _with_header(frame, at)) is not None:
        found.append(unit)
        at += len(unit.data)
    return found or [Unit(frame, sample_rate)]


def _with_header(frame: bytes, at: int) -> Unit | None:
    if len(frame) < at + _HEADER or frame[at] != _SYNC or frame[at + 1] & _SYNC_AND_LAYER != _SYNC_AND_LAYER_0:
        return None
    index = frame[at + 2] >> 2 & 0xF
    size = (frame[at + 3] & 3) << 11 | frame[at + 4] << 3 | frame[at + 5] >> 5
    if index >= len(RATES) or not _HEADER < size <= len(frame) - at:
        return None
    return Unit(frame[at : at + size], RATES[index], SAMPLES * ((frame[at + 6] & 3) + 1))


class AacDecoder:
    """A stream of access units to mono PCM, at whatever rate they come out with.

    Args:
        sample_rate: hertz of units without a header, one of `RATES`.
    """

    def __init__(self, sample_rate: int) -> None:
        import av

        # What a bare unit lacks (ISO 14496-3 section 1.6.2.1): kind, rate, one channel. A header overrules it.
        configuration = _LOW_COMPLEXITY << 11 | RATES.index(sample_rate) << 7 | 1 << 3
        context: AudioCodecContext = av.CodecContext.create("aac", "r")
        context.extradata = configuration.to_bytes(2, "big")
        self._context = context
        self._mixers: dict[tuple[int, str, str], AudioResampler] = {}

    def decode(self, unit: bytes) -> tuple[bytes, int] | None:
        """PCM of one unit and its rate in hertz; None if it cannot be decoded."""
        import av

        try:
            frames = self._context.decode(av.Packet(unit))
            pcm = b"".join(self._mixed(frame) for frame in frames)
        except (av.FFmpegError, ValueError):
            return None
        return (pcm, frames[0].sample_rate) if frames and pcm else None

    def _mixed(self, frame: AudioFrame) -> bytes:
        """One channel of 16-bit samples at the frame's own rate."""
        from av import AudioResampler

        kind = (frame.sample_rate, frame.layout.name, frame.format.name)
        if kind not in self._mixers:
            self._mixers = {kind: AudioResampler(format="s16", layout="mono", rate=frame.sample_rate)}
        frame.pts = None
        return b"".join(bytes(mixed.planes[0])[: mixed.samples * 2] for mixed in self._mixers[kind].resample(frame))
