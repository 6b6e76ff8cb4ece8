"""From a client's audio frames to PCM (CONTRACT.md section 1.4), one decoder per stream."""

from collections.abc import Sequence
from typing import Protocol

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech import aac, lc3
from common.speech.opus import OpusDecoder
from common.speech.transcriber import SAMPLE_RATE

_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_OPUS_FRAME_SECONDS = {"opus": 0.01, "opus_fs320": 0.02}
_PCM_SAMPLE_BYTES = {"pcm8": 1, "pcm16": 2}
_LC3_FRAME_BYTES = 30
_LC3_CODECS = ("lc3", "lc3_fs1030")
_UNSIGNED_TO_SIGNED = bytes(value ^ 0x80 for value in range(256))


class FrameDecoder(Protocol):
    """Decodes the frames of one stream, in order.

    A frame that is corrupt gives as much PCM as it claims to last: one bad frame must not shift all later times.
    """

    def decode(self, frame: bytes) -> bytes:
        """PCM (16 kHz mono s16le) of one frame.

        Raises:
            InvalidInputError: the frame is empty.
        """

    def decode_many(self, frames: Sequence[bytes]) -> bytes:
        """The same of frames in a row, at less cost; empty ones are passed over. Never raises."""

    def frame_seconds(self, frame: bytes) -> float:
        """Duration of a frame, without decoding it; depends on nothing but the frame."""

    def flush(self) -> bytes:
        """PCM still held back by a resampler, at the end of the stream."""


def frame_decoder(codec: str, sample_rate: int) -> FrameDecoder:
    """A decoder for a stream of `codec` at `sample_rate` hertz.

    Raises:
        UnsupportedAudioError: a codec or sample rate that cannot be decoded.
    """
    if not _LOWEST_RATE <= sample_rate <= _HIGHEST_RATE:
        raise UnsupportedAudioError(f"unsupported sample rate: {sample_rate}")
    if codec in _OPUS_FRAME_SECONDS:
        return _OpusFrames(nominal_seconds=_OPUS_FRAME_SECONDS[codec])
    if codec in _PCM_SAMPLE_BYTES:
        return _PcmFrames(_PCM_SAMPLE_BYTES[codec], sample_rate)
    if codec in _LC3_CODECS and sample_rate in lc3.RATES:
        return _Lc3Frames(sample_rate)
    if codec == "aac" and sample_rate in aac.RATES:
        return _AacFrames(sample_rate)
    raise UnsupportedAudioError(f"unsupported codec: {codec[:32]} at {sample_rate} Hz")


class _OpusFrames(OpusDecoder):
    """One packet per frame. libopus decodes to 16 kHz at any rate the encoder was fed, so none is asked for."""

    def decode(self, frame: bytes) -> bytes:
        return self.decode_many((_required(frame),))

    def flush(self) -> bytes:
        return b""


class _PcmFrames:
    """Samples as they are; frames are whole samples by contract, so half a sample at the end is dropped."""

    def __init__(self, sample_bytes: int, sample_rate: int) -> None:
        self._sample_bytes = sample_bytes
        self._sample_rate = sample_rate
        self._resampler = _resampler(sample_rate)

    def decode(self, frame: bytes) -> bytes:
        return self.decode_many((_required(frame),))

    def decode_many(self, frames: Sequence[bytes]) -> bytes:
        if self._sample_bytes == 1:
            unsigned = b"".join(frames)
            pcm = bytearray(2 * len(unsigned))
            pcm[1::2] = unsigned.translate(_UNSIGNED_TO_SIGNED)
            samples = bytes(pcm)
        else:
            samples = b"".join([frame if len(frame) % 2 == 0 else frame[:-1] for frame in frames])
        return samples if self._resampler is None else self._resampler.convert(samples)

    def frame_seconds(self, frame: bytes) -> float:
        return len(frame) // self._sample_bytes / self._sample_rate

    def flush(self) -> bytes:
        return b"" if self._resampler is None else self._resampler.flush()


class _Lc3Frames:
    """Frames of 10 ms and 30 bytes, several to a message; a message of another length is one frame of its own size."""

    def __init__(self, sample_rate: int) -> None:
        self._decoder = lc3.Lc3Decoder(sample_rate)
        self._resampler = _resampler(self._decoder.rate)

    def decode(self, frame: bytes) -> bytes:
        return self.decode_many((_required(frame),))

    def decode_many(self, frames: Sequence[bytes]) -> bytes:
        decode = self._decoder.decode
        pcm = b"".join([decode(one) for frame in frames if frame for one in _lc3_frames(frame)])
        return pcm if self._resampler is None else self._resampler.convert(pcm)

    def frame_seconds(self, frame: bytes) -> float:
        return lc3.FRAME_SECONDS * len(_lc3_frames(frame))

    def flush(self) -> bytes:
        return b"" if self._resampler is None else self._resampler.flush()


class _AacFrames:
    """One access unit per message, or several with headers."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._decoder = aac.AacDecoder(sample_rate)
        self._rate: int | None = None
        self._resampler: _Resampler | None = None

    def decode(self, frame: bytes) -> bytes:
        return self.decode_many((_required(frame),))

    def decode_many(self, frames: Sequence[bytes]) -> bytes:
        pieces: list[bytes] = []
        for frame in filter(None, frames):
            for unit in aac.units(frame, sample_rate=self._sample_rate):
                pcm, rate = self._decoder.decode(unit.data) or (b"", self._rate or unit.rate)
                size = 2 * round(unit.samples * rate / unit.rate)
                pieces.append(self._resampled(pcm[:size].ljust(size, b"\0"), rate))
        return b"".join(pieces)

    def frame_seconds(self, frame: bytes) -> float:
        return sum(unit.seconds for unit in aac.units(frame, sample_rate=self._sample_rate))

    def flush(self) -> bytes:
        return b"" if self._resampler is None else self._resampler.flush()

    def _resampled(self, pcm: bytes, rate: int) -> bytes:
        before = b""
        if rate != self._rate:
            before = self.flush()
            self._rate, self._resampler = rate, _resampler(rate)
        return before + (pcm if self._resampler is None else self._resampler.convert(pcm))


class _Resampler:
    """A continuous stream of one rate to 16 kHz; holds back a few milliseconds."""

    def __init__(self, sample_rate: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(sample_rate, SAMPLE_RATE, num_channels=1, dtype="int16", quality="MQ")

    def convert(self, pcm: bytes, *, last: bool = False) -> bytes:
        import numpy as np

        converted: bytes = self._stream.resample_chunk(np.frombuffer(pcm, dtype="<i2"), last=last).tobytes()
        return converted

    def flush(self) -> bytes:
        return self.convert(b"", last=True)


def _resampler(sample_rate: int) -> _Resampler | None:
    return None if sample_rate == SAMPLE_RATE else _Resampler(sample_rate)


def _lc3_frames(message: bytes) -> list[bytes]:
    if lc3.SMALLEST_FRAME <= len(message) <= lc3.LARGEST_FRAME and len(message) % _LC3_FRAME_BYTES:
        return [message]
    whole = range(0, len(message) - _LC3_FRAME_BYTES + 1, _LC3_FRAME_BYTES)
    return [message[at : at + _LC3_FRAME_BYTES] for at in whole] or [message]


def _required(frame: bytes) -> bytes:
    if not frame:
        raise InvalidInputError("an audio frame is empty")
    return frame
