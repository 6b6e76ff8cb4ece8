"""LC3 frames to PCM, through Google's liblc3 itself.

The library comes with the `lc3py` wheel. Its Python classes are not used: they never free what they allocate.
"""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path

from common.core.errors import UnsupportedAudioError
from common.speech.transcriber import SAMPLE_RATE

FRAME_US = 10_000
FRAME_SECONDS = FRAME_US / 1_000_000
SMALLEST_FRAME, LARGEST_FRAME = 20, 400
"""Bytes of a frame (Bluetooth LC3 specification section 2.2)."""
RATES = (8_000, 16_000, 24_000, 32_000, 48_000)
_S16 = 0


def _bundled() -> list[str]:
    """Copies of liblc3 inside the `lc3py` wheel; the package is not imported."""
    spec = importlib.util.find_spec("lc3")
    if spec is None or spec.origin is None:
        return []
    return [str(path) for path in sorted(Path(spec.origin).parent.glob(".lc3py.mesonpy.libs/liblc3*.*"))]


@cache
def library() -> ctypes.PyDLL:
    """Liblc3, loaded on first use, with the signatures this module calls; the interpreter stays locked (see opus).

    Raises:
        UnsupportedAudioError: no liblc3 on this machine; names the remedy.
    """
    for candidate in (*_bundled(), "liblc3.so.1", "liblc3.1.dylib"):
        try:
            lc3 = ctypes.PyDLL(candidate)
        except OSError:
            continue
        break
    else:
        raise UnsupportedAudioError("LC3 needs liblc3: pip install lc3py, or apt-get install liblc3-1")
    integer, pointer = ctypes.c_int, ctypes.c_void_p
    lc3.lc3_decoder_size.argtypes = [integer, integer]
    lc3.lc3_decoder_size.restype = ctypes.c_uint
    lc3.lc3_setup_decoder.argtypes = [integer, integer, integer, pointer]
    lc3.lc3_setup_decoder.restype = pointer
    lc3.lc3_decode.argtypes = [pointer, ctypes.c_char_p, integer, integer, pointer, integer]
    return lc3


class Lc3Decoder:
    """A stream of mono frames of 10 ms to PCM, at the rate of the stream; one of 8 kHz comes out at 16 kHz.

    Args:
        sample_rate: hertz of the stream, one of `RATES`.

    Raises:
        UnsupportedAudioError: no liblc3.
    """

    def __init__(self, sample_rate: int) -> None:
        self._lc3 = library()
        self.rate = max(sample_rate, SAMPLE_RATE)
        """Hertz of the PCM."""
        size = self._lc3.lc3_decoder_size(FRAME_US, self.rate)
        self._memory = (ctypes.c_uint64 * (size // 8 + 1))()
        address = ctypes.addressof(self._memory)
        self._state = self._lc3.lc3_setup_decoder(FRAME_US, sample_rate, self.rate, address)
        self._samples = self.rate * FRAME_US // 1_000_000
        self._output = (ctypes.c_int16 * self._samples)()
        self._address = ctypes.addressof(self._output)

    def decode(self, frame: bytes) -> bytes:
        """PCM of one frame, always 10 ms of it: what cannot be decoded is concealed."""
        if not SMALLEST_FRAME <= len(frame) <= LARGEST_FRAME:
            return self._conceal()
        self._lc3.lc3_decode(self._state, frame, len(frame), _S16, self._address, 1)
        return ctypes.string_at(self._address, self._samples * 2)

    def _conceal(self) -> bytes:
        self._lc3.lc3_decode(self._state, None, SMALLEST_FRAME, _S16, self._address, 1)
        return ctypes.string_at(self._address, self._samples * 2)
