"""Speech is found in a recording window by window, and no voice is cut."""

from io import BytesIO
from random import Random

import numpy as np
import pytest

from common.conversations.offline.scanning import look_through
from common.core.errors import InvalidInputError
from common.models.offline import OfflineFile
from common.speech.blocks import encode_block
from common.speech.framed import LARGEST_FRAME, FrameReader
from common.speech.stretches import voiced_runs
from tests.support.making import NOON
from tests.support.offline import opus_bin, pcm_bin, silence, voice
from tests.support.voices import softer, turns_of


def a_file(codec: str = "pcm16") -> OfflineFile:
    return OfflineFile.model_validate(
        {"id": "f", "name": "f", "device": "omi", "codec": codec, "sample_rate": 16000, "source": "omi"}
        | dict.fromkeys(("started_at", "created_at", "updated_at", "expire_at"), NOON)
    )


def looked_through(data: bytes, codec: str = "pcm16") -> OfflineFile:
    file = a_file(codec)
    while not file.cursor.done:
        file = look_through(file, BytesIO(data))
    return file


def found(data: bytes, codec: str = "pcm16") -> list[tuple[float, float]]:
    return [(each.start, each.end) for each in looked_through(data, codec).stretches]


def test_voices_two_minutes_apart_are_two_stretches_and_nearer_ones_are_one() -> None:
    apart = found(pcm_bin(voice(5) + silence(125) + voice(5)))
    assert [(round(start), round(end)) for start, end in apart] == [(0, 6), (129, 135)]
    [(start, end)] = found(pcm_bin(voice(5) + silence(110) + voice(5)))
    assert (start, round(end)) == (0, 120)


def test_a_stretch_has_room_around_its_voice_and_names_its_bytes() -> None:
    data = pcm_bin(silence(130) + voice(5) + silence(130))
    [stretch] = looked_through(data).stretches
    assert stretch.start <= 129.5
    assert stretch.end >= 135.4
    frames = list(FrameReader(BytesIO(data), at=stretch.first_byte, until=stretch.end_byte))
    assert len(frames) == pytest.approx((stretch.end - stretch.start) * 50)


@pytest.mark.parametrize("begin", [59.3, 59.9, 60.0, 60.2, 118.9])
def test_a_voice_across_the_border_of_a_window_is_not_cut(begin: float) -> None:
    [(start, end)] = found(pcm_bin(silence(begin) + voice(2) + silence(3)))
    assert start <= begin - 0.4
    assert end >= begin + 2.4 or end >= 61.9


def test_less_than_a_second_is_no_speech() -> None:
    assert found(pcm_bin(silence(5) + voice(0.5) + silence(5))) == []


@pytest.mark.parametrize("quiet", [silence(30), voice(30, level=30), bytes([10, 0]) * 16000 * 30])
def test_silence_hum_and_hiss_are_no_speech(quiet: bytes) -> None:
    assert found(pcm_bin(quiet)) == []


def test_a_quiet_voice_is_one_and_so_is_any_loud_sound() -> None:
    assert found(pcm_bin(voice(10, level=250)))
    tone = bytes([0, 20, 0, 236]) * 8000 * 5
    assert voiced_runs(tone)[0][1] - voiced_runs(tone)[0][0] == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("offset", [0, 600])
def test_what_is_said_softly_is_found_whole_wherever_the_middle_of_its_samples_lies(offset: int) -> None:
    said = softer(b"".join(turns_of("A")[:3]), by=100)
    samples = np.frombuffer(silence(20) + said + silence(20), "<i2") + offset
    [stretch] = looked_through(pcm_bin(samples.astype("<i2").tobytes())).stretches
    assert not stretch.quiet
    assert stretch.start <= 20.0
    assert stretch.end >= 20.0 + len(said) / 32_000 - 0.5


def test_long_pauses_are_noted_so_that_nobody_pays_for_them() -> None:
    [stretch] = looked_through(pcm_bin(voice(5) + silence(60) + voice(5))).stretches
    begin, end = stretch.quiet
    assert begin / 1000 == pytest.approx(6, abs=0.4)
    assert end / 1000 == pytest.approx(64, abs=0.4)


def test_opus_is_heard_too() -> None:
    [(start, end)] = found(opus_bin(silence(2) + voice(5) + silence(2)), "opus")
    assert start <= 1.6
    assert 7.4 <= end <= 9


def test_it_goes_on_where_another_has_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pcm_bin(silence(40) + voice(60) + silence(130) + voice(30) + silence(20))
    whole = looked_through(data)
    monkeypatch.setattr("common.conversations.offline.scanning.STEP_S", 60.0)
    file, steps = a_file(), 0
    while not file.cursor.done:
        file = OfflineFile.model_validate(file.model_dump())
        file, steps = look_through(file, BytesIO(data)), steps + 1
    assert steps == 5
    assert [(each.start, each.end) for each in file.stretches] == [(each.start, each.end) for each in whole.stretches]


class TestDamage:
    """What can be read is used, and what was wrong is told."""

    def test_a_file_that_is_cut_off_gives_what_came_before(self) -> None:
        file = looked_through(pcm_bin(voice(10))[:-100])
        assert file.stretches
        assert file.reason == "the file is cut off; what comes before is used"

    def test_after_an_impossible_length_nothing_is_believed_that_is_no_row_of_frames(self) -> None:
        damaged = (LARGEST_FRAME + 1).to_bytes(4, "little")
        file = looked_through(pcm_bin(voice(10)) + damaged + Random(1).randbytes(5_000_000))  # noqa: S311 - no secret
        assert [round(each.end) for each in file.stretches] == [10]
        assert file.reason == "the file is damaged; what comes before is used"

    @pytest.mark.parametrize("codec", ["opus", "pcm16"])
    @pytest.mark.parametrize("harm", ["bytes missing", "overwritten", "impossible length", "too long for the file"])
    def test_a_place_that_is_damaged_costs_no_more_than_itself(self, harm: str, codec: str) -> None:
        made = opus_bin if codec == "opus" else pcm_bin
        data, more = made(voice(60)), made(voice(6))
        middle = len(data) // 2
        harmed = {
            "bytes missing": data[:middle] + data[middle + 7 :],
            "overwritten": data[:middle] + b"\xfe" * 3000 + data[middle + 3000 :],
            "impossible length": data + (LARGEST_FRAME + 1).to_bytes(4, "little") + more,
            "too long for the file": data + LARGEST_FRAME.to_bytes(4, "little") + more,
        }[harm]
        file = looked_through(harmed, codec)
        seconds = sum(end - start for start, end in ((each.start, each.end) for each in file.stretches))
        assert seconds == pytest.approx(round(60 * len(harmed) / len(data)), abs=1)
        assert file.reason == "it is damaged in places; the rest is used"
        [stretch] = file.stretches
        again = FrameReader(BytesIO(harmed), at=stretch.first_byte, until=stretch.end_byte)
        assert sum(1 for _ in again) / 50 == pytest.approx(seconds, abs=0.1), "it is stored as it was looked through"

    def test_a_damaged_hour_is_told_of_and_a_silent_one_is_not_where_there_are_others(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("common.conversations.offline.scanning.STEP_S", 60.0)
        silent, spoken = pcm_bin(silence(60)), pcm_bin(voice(10))
        assert looked_through(silent + spoken).reason is None
        harmed = spoken + b"\xff" * 4 + pcm_bin(voice(60)) + silent
        assert looked_through(harmed).reason == "it is damaged in places; the rest is used"

    @pytest.mark.parametrize("data", [b"\xff" * 1000, b"abc", b"\x10\0\0\0short"])
    def test_what_holds_no_frame_at_all_is_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidInputError, match="no frame of it can be read"):
            looked_through(data)

    @pytest.mark.parametrize("data", [b"", bytes(8)])
    def test_nothing_is_no_error(self, data: bytes) -> None:
        assert looked_through(data).reason == "the file is empty"

    def test_silence_is_no_error(self) -> None:
        assert looked_through(pcm_bin(silence(5))).reason == "nothing is said in it"

    def test_frames_of_garbage_cost_only_themselves(self) -> None:
        garbage = encode_block([b"\xff\xff\xff", b"\x00", b"garbage", b"\x03"] * 50)
        file = looked_through(garbage + opus_bin(voice(10)), "opus")
        assert len(file.stretches) == 1
        assert looked_through(garbage, "opus").cursor.done

    def test_of_a_file_without_end_the_first_week_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("common.conversations.offline.scanning.STEP_S", 60.0)
        monkeypatch.setattr("common.conversations.offline.scanning.LONGEST_S", 120.0)
        file = looked_through(pcm_bin(voice(10) + silence(200) + voice(10)))
        assert [round(each.end) for each in file.stretches] == [11]
        assert file.reason == "the file is longer than a week; what comes before is used"
