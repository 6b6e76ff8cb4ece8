"""Audio files of any usual kind to PCM, piece by piece: hours of audio in a few megabytes of memory."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_CONTAINERS = "aac,aiff,amr,amrnb,amrwb,asf,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,wav,w64"
"""The demuxers that may be used. Playlists (HLS, concat) are not among them: they would fetch what the file names."""


def decode_file(stream: BinaryIO) -> Iterator[bytes]:
    """PCM (16 kHz mono s16le) of a wav, mp3, m4a, ogg, flac, webm or similar file, in pieces of about one second.

    A file that is cut off or damaged in places gives what can be decoded.

    Raises:
        UnsupportedAudioError: not a known container or codec, or nothing in it can be decoded.
        InvalidInputError: a file without any audio.
    """
    import av

    try:
        container = av.open(stream, "r", options={"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"})
    except (av.FFmpegError, ValueError) as error:
        raise UnsupportedAudioError("not an audio file of a known kind") from error
    with closing(container):
        audio = next(iter(container.streams.audio), None)
        if audio is None:
            raise InvalidInputError("the file holds no audio")
        yield from _pieces(_decode(container, audio))


def _pieces(decoded: Iterator[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    empty = True
    for pcm in decoded:
        waiting += pcm
        while len(waiting) >= BYTES_PER_SECOND:
            yield bytes(waiting[:BYTES_PER_SECOND])
            del waiting[:BYTES_PER_SECOND]
            empty = False
    if waiting:
        yield bytes(waiting)
    elif empty:
        raise InvalidInputError("the file holds no audio")


def _decode(container: "InputContainer", audio: "AudioStream") -> Iterator[bytes]:
    from av import AudioResampler

    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    for frame in _frames(container, audio):
        frame.pts = None  # gaps and jumps in the file's own clock are not to be filled
        for converted in resampler.resample(frame):
            yield _samples(converted)
    for converted in resampler.resample(None):
        yield _samples(converted)


def _frames(container: "InputContainer", audio: "AudioStream") -> Iterator["av.AudioFrame"]:
    """Decoded frames; damaged packets are skipped, and a damaged rest is left out."""
    import av

    decoded = damaged = 0
    packets = container.demux(audio)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            damaged += 1
            break
        if packet is None:
            break
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            decoded += 1
            yield frame
    if damaged and not decoded:
        raise UnsupportedAudioError("the file's audio cannot be decoded")


def _samples(frame: "av.AudioFrame") -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]
