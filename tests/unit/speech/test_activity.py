"""A recording of nothing is told from one of somebody who speaks."""

from array import array

import pytest

from common.core.errors import BadRequestError
from common.speech.activity import mean_amplitude, quietest, voiced_seconds
from common.speech.wav import read_wav
from tests.support.voices import hum, noise, silence, speech, wav


def test_speech_is_found_in_speech() -> None:
    assert voiced_seconds(read_wav(wav(speech(8)))) > 2


@pytest.mark.parametrize(
    "pcm", [b"", b"\0\0", silence(6), hum(6), noise(6)], ids=["none", "one", "silence", "hum", "noise"]
)
def test_no_speech_is_found_where_there_is_none(pcm: bytes) -> None:
    assert voiced_seconds(read_wav(wav(pcm))) < 0.5


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"not audio at all",
        wav(silence(1))[:20],
        wav(silence(1), rate=8000),
        wav(silence(1), channels=2),
        wav(silence(1), width=1),
    ],
)
def test_what_is_no_wav_of_our_kind_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequestError):
        read_wav(data)


def test_a_file_that_is_cut_off_gives_what_is_there() -> None:
    whole = wav(speech(2))
    assert 0 < len(read_wav(whole[:-1001])) < len(read_wav(whole))


def test_the_quietest_moment_lies_between_words() -> None:
    loud, soft = [9000, -9000] * 8000, [3, -3] * 1600
    samples = array("h", [*loud, *soft, *loud])
    assert quietest(samples) == pytest.approx(1.1, abs=0.06)
    assert quietest(array("h", [0] * 32_000)) == pytest.approx(1.0)
    assert quietest(array("h", [1])) == pytest.approx(0.05)


def test_how_loud_it_is_is_told_of_any_number_of_bytes() -> None:
    assert mean_amplitude(b"") == mean_amplitude(b"\1") == 0.0
    assert mean_amplitude(array("h", [300, -300] * 400).tobytes() + b"\1") == 300.0
