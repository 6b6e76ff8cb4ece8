"""Recordings of any kind become the device's packets; what is none is refused in one line."""

import wave
from pathlib import Path

import pytest

from local.demo.recording import UnusableRecordingError, load_recording


def write_tone(path: Path, *, seconds: float, rate: int = 44_100) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\x00\x10" * round(seconds * rate))
    return path


def test_the_bundled_recording_comes_with_its_text() -> None:
    recording = load_recording(None)
    assert recording.bundled
    assert recording.seconds == pytest.approx(85.66, abs=0.1)
    assert recording.said is not None
    assert recording.said.startswith("Good morning, how was your weekend?")


def test_a_file_of_another_rate_becomes_packets_of_20_ms(tmp_path: Path) -> None:
    recording = load_recording(write_tone(tmp_path / "talk.wav", seconds=1.0))
    assert recording.seconds == pytest.approx(1.0, abs=0.04)
    assert not recording.bundled
    assert recording.said is None


def test_the_text_beside_a_recording_is_what_is_said_in_it(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "talk.wav", seconds=0.2)
    (tmp_path / "talk.txt").write_text("A: Hello there.\n\nB: Hello.\n")
    assert load_recording(path).said == "Hello there. Hello."


def test_an_empty_text_is_no_known_text(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "talk.wav", seconds=0.2)
    (tmp_path / "talk.txt").write_text("\n")
    assert load_recording(path).said is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.wav", None, "No such file"),
        ("empty.wav", b"", "empty"),
        ("notes.txt", b"this is no sound", "not an audio file"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableRecordingError, match=says) as refused:
        load_recording(path)
    assert str(refused.value).count("\n") == 0
    assert name in str(refused.value)


def test_a_file_without_a_second_of_sound_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableRecordingError, match="no audio"):
        load_recording(write_tone(tmp_path / "none.wav", seconds=0.0))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableRecordingError, match="directory"):
        load_recording(tmp_path)


def test_a_text_that_is_not_utf_8_is_refused_by_its_own_name(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "talk.wav", seconds=0.2)
    (tmp_path / "talk.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnusableRecordingError, match=r"talk\.txt"):
        load_recording(path)
