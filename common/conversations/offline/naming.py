"""What the name of a wearable's file says (CONTRACT section 3.9).

    audio_{device}_{codec}_{sample rate}_{channels}_fs{frame size}_{timestamp}.bin

Only `_{timestamp}.bin`, in seconds or milliseconds since 1970, has to be there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Protocol, TypeVar

from common.core import clock
from common.core.errors import BadRequestError, UnsupportedAudioError
from common.models.conversation import ConversationSource
from common.models.offline import RefusedFile
from common.speech.codecs import frame_decoder
from common.speech.transcriber import SAMPLE_RATE

EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
"""Before this there were no such devices: a clock that was never set."""
FAST_CLOCK = timedelta(minutes=5)
"""How far a device's clock may be ahead of ours."""

_TIMESTAMP = re.compile(r"_([0-9]{10}|[0-9]{13})\.bin$")
_CODEC = re.compile(
    r"(?:^|_)(pcm8|pcm16|opus_?fs320|opus|aac|lc3(?:_fs1030)?)(?:_(\d{4,6}))?(?:_(\d{1,2}))?(?=_|\.)",
    re.IGNORECASE | re.ASCII,
)
_DEVICE = re.compile(r"^audio_([^_]{1,100})_")
_SPELLINGS = {"opusfs320": "opus_fs320"}
_USUAL_RATE = {"pcm8": 8000}
_LONGEST = 300


@dataclass(frozen=True)
class Named:
    """How a file's frames are coded, what recorded them, and when the first of them was recorded."""

    device: str
    codec: str
    sample_rate: int
    source: ConversationSource
    started_at: datetime


class Given(Protocol):
    """A file that is handed in."""

    @property
    def name(self) -> str:
        """What the client calls it."""


G = TypeVar("G", bound=Given)


def sort_out(files: Iterable[G]) -> tuple[list[tuple[G, Named]], list[RefusedFile]]:
    """The files that can be used, with what their names say, and those whose names say that they cannot.

    Raises:
        BadRequestError: that is all of them.
    """
    usable: list[tuple[G, Named]] = []
    refused: list[RefusedFile] = []
    for given in files:
        try:
            usable.append((given, read_name(given.name)))
        except BadRequestError as error:
            name = given.name[:_LONGEST]
            refused.append(RefusedFile(name=name, reason=f"{error} ({name})"))
    if refused and not usable:
        raise BadRequestError(refused[0].reason)
    return usable, refused


def read_name(name: str) -> Named:
    """What a file's name says; without a codec it is Opus.

    Raises:
        BadRequestError: no timestamp, one that cannot be, or a coding that nobody here can decode.
    """
    base = PurePosixPath(name.replace("\\", "/")).name
    found = _TIMESTAMP.search(base)
    if found is None or len(base) > _LONGEST:
        raise BadRequestError("A file's name must end with _{timestamp}.bin, in seconds or milliseconds since 1970")
    digits = found[1]
    started_at = datetime.fromtimestamp(int(digits[:10]), UTC) + timedelta(milliseconds=int(digits[10:] or 0))
    if started_at < EARLIEST:
        raise BadRequestError("The timestamp in a file's name lies before 2024: the device's clock was not set")
    if started_at > clock.now() + FAST_CLOCK:
        raise BadRequestError("The timestamp in a file's name lies in the future: the device's clock is wrong")
    coding = _CODEC.search(base.removesuffix(found[0]) + ".")
    codec, rate, channels = ("opus", None, None) if coding is None else coding.groups()
    codec = _SPELLINGS.get(codec.lower(), codec.lower())
    if codec.startswith("pcm") and int(channels or 1) != 1:
        raise BadRequestError("Only recordings of one channel are understood")
    sample_rate = int(rate or _USUAL_RATE.get(codec, SAMPLE_RATE))
    try:
        frame_decoder(codec, sample_rate)
    except UnsupportedAudioError as error:
        raise BadRequestError(f"The recording cannot be decoded: {error}") from error
    device = _DEVICE.match(base)
    named = device[1].lower() if device is not None else ""
    return Named(named, codec, sample_rate, _source(named, base), started_at)


def _source(device: str, name: str) -> ConversationSource:
    if "limitless" in name.lower():
        return ConversationSource.LIMITLESS
    known = device in set(ConversationSource) and device != ConversationSource.UNKNOWN
    return ConversationSource(device) if known else ConversationSource.OMI
