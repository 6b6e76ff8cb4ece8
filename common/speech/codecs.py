"""From a client's audio frames to PCM (CONTRACT.md section 1.4), one decoder per stream."""

from typing import Protocol

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech.opus import OpusDecoder, packet_seconds
from common.speech.transcriber import SAMPLE_RATE

_LOWEST_RATE, _HIGHEST_RATE = 4_000, 192_000
_OPUS_FRAME_SECONDS = {"opus": 0.01, "opus_fs320": 0.02}
_PCM_SAMPLE_BYTES = {"pcm8": 1, "pcm16": 2}
_UNSIGNED_TO_SIGNED = bytes(value ^ 0x80 for value in range(256))


class FrameDecoder(Protocol):
    """Decodes the frames of one stream, in order."""

    def decode(self, frame: bytes) -> bytes:
        """PCM (16 kHz mono s16le) of one frame.

        Raises:
            InvalidInputError: the frame is empty.
        """

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
        return _OpusFrames(_OPUS_FRAME_SECONDS[codec])
    if codec in _PCM_SAMPLE_BYTES:
        return _PcmFrames(_PCM_SAMPLE_BYTES[codec], sample_rate)
    raise UnsupportedAudioError(f"unsupported codec: {codec[:32]}")


class _OpusFrames:
    """One packet per frame. libopus decodes to 16 kHz at any rate the encoder was fed, so none is asked for."""

    def __init__(self, nominal_seconds: float) -> None:
        self._decoder = OpusDecoder()
        self._nominal_seconds = nominal_seconds

    def decode(self, frame: bytes) -> bytes:
        if not frame:
            raise InvalidInputError("an audio frame is empty")
        pcm = self._decoder.decode(frame)
        # A corrupt packet is bridged for as long as it claims to last: one bad packet must not shift all later times.
        return pcm if pcm is not None else self._decoder.conceal(self.frame_seconds(frame))

    def frame_seconds(self, frame: bytes) -> float:
        return packet_seconds(frame) or self._nominal_seconds

    def flush(self) -> bytes:
        return b""


class _PcmFrames:
    """Samples as they are; frames are whole samples by contract, so half a sample at the end is dropped."""

    def __init__(self, sample_bytes: int, sample_rate: int) -> None:
        self._sample_bytes = sample_bytes
        self._sample_rate = sample_rate
        self._resampler = None if sample_rate == SAMPLE_RATE else _Resampler(sample_rate)

    def decode(self, frame: bytes) -> bytes:
        if not frame:
            raise InvalidInputError("an audio frame is empty")
        if self._sample_bytes == 1:
            pcm = bytearray(2 * len(frame))
            pcm[1::2] = frame.translate(_UNSIGNED_TO_SIGNED)
            samples = bytes(pcm)
        else:
            samples = frame if len(frame) % 2 == 0 else frame[:-1]
        return samples if self._resampler is None else self._resampler.convert(samples)

    def frame_seconds(self, frame: bytes) -> float:
        return len(frame) // self._sample_bytes / self._sample_rate

    def flush(self) -> bytes:
        return b"" if self._resampler is None else self._resampler.convert(b"", last=True)


class _Resampler:
    """A continuous stream of one rate to 16 kHz; holds back a few milliseconds."""

    def __init__(self, sample_rate: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(sample_rate, SAMPLE_RATE, num_channels=1, dtype="int16", quality="MQ")

    def convert(self, pcm: bytes, *, last: bool = False) -> bytes:
        import numpy as np

        converted: bytes = self._stream.resample_chunk(np.frombuffer(pcm, dtype="<i2"), last=last).tobytes()
        return converted
