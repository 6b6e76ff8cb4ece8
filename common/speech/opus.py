"""Opus packets to PCM and back, through libopus itself.

The library comes with the `av` wheel, which is there for files anyway; without it the system's is taken.
"""

import ctypes
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from common.core.errors import UnsupportedAudioError
from common.speech.transcriber import SAMPLE_RATE

_APPLICATION_VOIP = 2048
_SET_BITRATE = 4002
_MAX_PACKET = 1275 * 6 + 7
_MAX_SECONDS = 0.12
"""The longest packet there is (RFC 6716 section 2.1.4)."""
_MAX_SAMPLES = int(SAMPLE_RATE * _MAX_SECONDS)
_CODE_MANY = 3
_OUTPUT_SAMPLES = 4 * _MAX_SAMPLES
"""Room for a group of packets: a call into C and nothing else per packet, one copy per group."""


def _bundled() -> list[str]:
    """Copies of libopus inside the `av` wheel (Linux and macOS lay them out differently); av is not imported."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    found = [*package.parent.glob("av.libs/libopus-*.so*"), *package.glob(".dylibs/libopus.*dylib")]
    return [str(path) for path in sorted(found)]


@cache
def library() -> ctypes.PyDLL:
    """Libopus, loaded on first use, with the signatures this module calls.

    The interpreter stays locked during a call: one takes some 20 microseconds, and who lets go of the lock for them may
    wait milliseconds for it while another thread computes.

    Raises:
        UnsupportedAudioError: no libopus on this machine; names the remedy.
    """
    for candidate in (*_bundled(), "libopus.so.0", "libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib"):
        try:
            opus = ctypes.PyDLL(candidate)
        except OSError:
            continue
        break
    else:
        raise UnsupportedAudioError(
            "Opus needs libopus: pip install av, or apt-get install libopus0, or brew install opus"
        )
    pointer, int32 = ctypes.c_void_p, ctypes.c_int32
    error = ctypes.POINTER(ctypes.c_int)
    opus.opus_decoder_create.restype = pointer
    opus.opus_decoder_create.argtypes = [int32, ctypes.c_int, error]
    opus.opus_decode.argtypes = [pointer, ctypes.c_char_p, int32, pointer, ctypes.c_int, ctypes.c_int]
    opus.opus_decoder_destroy.argtypes = [pointer]
    opus.opus_decoder_destroy.restype = None
    opus.opus_encoder_create.restype = pointer
    opus.opus_encoder_create.argtypes = [int32, ctypes.c_int, ctypes.c_int, error]
    opus.opus_encode.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int, pointer, int32]
    opus.opus_encoder_destroy.argtypes = [pointer]
    opus.opus_encoder_destroy.restype = None
    return opus


@cache  # 256 first bytes, each with one of 256 counts
def packet_seconds(head: bytes) -> float | None:
    """Duration of a packet, from its first two bytes (RFC 6716 section 3.1); None if it cannot be one."""
    if not head:
        return None
    configuration, code = head[0] >> 3, head[0] & 3
    if configuration < 12:  # noqa: PLR2004 - SILK, table 2 of the RFC
        frame = (0.01, 0.02, 0.04, 0.06)[configuration & 3]
    elif configuration < 16:  # noqa: PLR2004 - hybrid
        frame = (0.01, 0.02)[configuration & 1]
    else:
        frame = (0.0025, 0.005, 0.01, 0.02)[configuration & 3]
    if code == _CODE_MANY and len(head) == 1:
        return None
    count = head[1] & 0x3F if code == _CODE_MANY else (1, 2, 2)[code]
    seconds = frame * count
    return seconds if 0 < seconds <= _MAX_SECONDS + 1e-9 else None


class OpusDecoder:
    """A stream of packets to PCM (16 kHz mono), whatever rate and channels the encoder was fed.

    Args:
        nominal_seconds: how long a packet lasts that does not say.
    """

    def __init__(self, *, nominal_seconds: float) -> None:
        self._nominal_seconds = nominal_seconds
        self._opus = library()
        error = ctypes.c_int()
        self._state: int | None = self._opus.opus_decoder_create(SAMPLE_RATE, 1, ctypes.byref(error))
        if error.value or not self._state:
            raise UnsupportedAudioError(f"libopus refused a decoder ({error.value})")
        self._output = (ctypes.c_int16 * _OUTPUT_SAMPLES)()
        self._address = ctypes.addressof(self._output)
        self._decoded = memoryview(self._output).cast("B")

    def decode_many(self, packets: Iterable[bytes]) -> bytes:
        """PCM of packets in their order; a corrupt one is bridged for as long as it claims to last.

        Args:
            packets: any number of them; empty ones are passed over (libopus would take them for losses).
        """
        decode, state, address = self._opus.opus_decode, self._state, self._address
        pieces: list[bytes] = []
        filled = 0  # bytes
        for packet in packets:
            samples = decode(state, packet, len(packet), address + filled, _MAX_SAMPLES, 0) if packet else 0
            if samples > 0:
                filled += samples * 2
            elif packet:
                pieces.append(self._decoded[:filled].tobytes())
                pieces.append(self._conceal(self.frame_seconds(packet)))
                filled = 0
            if filled > (_OUTPUT_SAMPLES - _MAX_SAMPLES) * 2:
                pieces.append(self._decoded[:filled].tobytes())
                filled = 0
        tail = self._decoded[:filled].tobytes()
        return b"".join([*pieces, tail]) if pieces else tail

    def frame_seconds(self, packet: bytes) -> float:
        """Duration of a packet, without decoding it."""
        return packet_seconds(packet[:2]) or self._nominal_seconds

    def _conceal(self, seconds: float) -> bytes:
        """PCM that bridges a lost packet of that duration (a multiple of 2.5 ms, up to 120 ms)."""
        wanted = round(seconds * SAMPLE_RATE)
        samples = self._opus.opus_decode(self._state, None, 0, self._address, wanted, 0)
        return self._decoded[: samples * 2].tobytes() if samples == wanted else bytes(wanted * 2)

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._opus.opus_decoder_destroy(self._state)
            self._state = None


class OpusEncoder:
    """PCM (16 kHz mono) to packets of one fixed duration, as a wearable sends them."""

    def __init__(self, *, frame_seconds: float = 0.02, bitrate: int = 32_000) -> None:
        self._opus = library()
        error = ctypes.c_int()
        self._state: int | None = self._opus.opus_encoder_create(SAMPLE_RATE, 1, _APPLICATION_VOIP, ctypes.byref(error))
        if error.value or not self._state:
            raise UnsupportedAudioError(f"libopus refused an encoder ({error.value})")
        # A variadic function: no argtypes, every argument in its own C type.
        self._opus.opus_encoder_ctl(ctypes.c_void_p(self._state), ctypes.c_int(_SET_BITRATE), ctypes.c_int32(bitrate))
        self.samples = round(frame_seconds * SAMPLE_RATE)
        self._output = (ctypes.c_uint8 * _MAX_PACKET)()

    def encode(self, pcm: bytes) -> bytes:
        """The packet of exactly one frame of PCM.

        Raises:
            ValueError: `pcm` is not one frame long.
        """
        if len(pcm) != self.samples * 2:
            raise ValueError(f"a frame has {self.samples * 2} bytes, not {len(pcm)}")
        size = self._opus.opus_encode(self._state, pcm, self.samples, ctypes.addressof(self._output), _MAX_PACKET)
        if size <= 0:
            raise ValueError(f"libopus refused a frame of {self.samples} samples ({size})")
        return bytes(self._output[:size])

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._opus.opus_encoder_destroy(self._state)
            self._state = None
