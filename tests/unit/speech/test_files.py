import io
import math
import struct
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import av
import pytest

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech.files import decode_file
from local.demo.script import RECORDING

RATE = 48_000
SECONDS = 3.3


def encoded(container: str, codec: str, *, seconds: float = SECONDS) -> bytes:
    """A tone of 440 Hz, stereo, in a container."""
    count = round(seconds * RATE)
    tone = (round(9000 * math.sin(math.tau * 440 * n / RATE)) for n in range(count))
    frame = av.AudioFrame(format="s16", layout="stereo", samples=count)
    frame.sample_rate = RATE
    frame.planes[0].update(b"".join(struct.pack("<hh", sample, sample) for sample in tone))
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE)
        assert isinstance(stream, av.AudioStream)
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=RATE, frame_size=1024)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            for packet in stream.encode(piece):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return file.getvalue()


def crossings(pcm: bytes) -> int:
    samples = memoryview(pcm).cast("h")
    return sum(1 for one, next_ in pairwise(samples) if one < 0 <= next_)


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("mp3", "mp3"),
        ("ipod", "aac"),
        ("ogg", "libopus"),
        ("flac", "flac"),
        ("webm", "libopus"),
        ("adts", "aac"),
    ],
)
def test_every_usual_file_becomes_16_khz_mono_in_pieces_of_a_second(container: str, codec: str) -> None:
    pieces = list(decode_file(io.BytesIO(encoded(container, codec))))
    assert [len(piece) for piece in pieces[:-1]] == [32_000] * 3
    assert sum(map(len, pieces)) / 32_000 == pytest.approx(SECONDS, abs=0.06)
    assert crossings(pieces[1]) == pytest.approx(440, abs=2)


class Pipe(io.RawIOBase):
    """A stream that cannot seek, as a download."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


def test_a_stream_that_cannot_seek_is_read_too() -> None:
    stream: BinaryIO = Pipe(encoded("wav", "pcm_s16le"))  # type: ignore[assignment]
    assert sum(map(len, decode_file(stream))) / 32_000 == pytest.approx(SECONDS, abs=0.01)


def test_a_file_cut_off_gives_what_is_there() -> None:
    data = encoded("mp3", "mp3")
    assert sum(map(len, decode_file(io.BytesIO(data[: len(data) // 2])))) / 32_000 == pytest.approx(1.65, abs=0.2)


def test_a_file_damaged_in_the_middle_gives_the_rest() -> None:
    data = bytearray(encoded("mp3", "mp3"))
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    assert sum(map(len, decode_file(io.BytesIO(bytes(data))))) / 32_000 > 2.5


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00" * 5000, bytes(range(256)) * 100, b"RIFF\x24\x00\x00\x00WAVE"])
def test_garbage_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedAudioError):
        list(decode_file(io.BytesIO(data)))


def test_a_file_without_any_sound_in_it_is_invalid() -> None:
    header = (
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00"
    )
    with pytest.raises(InvalidInputError, match="no audio"):
        list(decode_file(io.BytesIO(header + b"data\x00\x00\x00\x00")))


def test_a_picture_is_no_audio() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        video = output.add_stream("ffv1", rate=5)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        for packet in (*video.encode(av.VideoFrame(64, 64, "yuv420p")), *video.encode(None)):
            output.mux(packet)
    with pytest.raises(InvalidInputError, match="no audio"):
        list(decode_file(io.BytesIO(file.getvalue())))


@pytest.mark.parametrize(
    ("name", "playlist"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.ts\n#EXT-X-ENDLIST\n"),
        ("list.txt", "ffconcat version 1.0\nfile 'other.ts'\n"),
    ],
)
def test_a_playlist_opens_no_other_file(
    name: str, playlist: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.ts").write_bytes(encoded("mpegts", "aac"))
    (tmp_path / name).write_text(playlist, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with Path(name).open("rb") as file, pytest.raises(UnsupportedAudioError):
        list(decode_file(file))


def test_the_bundled_recording_has_the_length_it_should() -> None:
    with RECORDING.open("rb") as file:
        assert 60 <= sum(map(len, decode_file(file))) / 32_000 <= 90
    assert RECORDING.stat().st_size < 500_000
