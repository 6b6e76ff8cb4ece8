"""A file's name says when, how and by what it was recorded, or is refused with a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from common.conversations.offline.naming import EARLIEST, FAST_CLOCK, read_name
from common.core import clock
from common.core.errors import BadRequestError

AT = 1772352000
MOMENT = datetime.fromtimestamp(AT, UTC)


@pytest.mark.parametrize(
    ("name", "device", "codec", "rate", "source"),
    [
        (f"audio_omi_opus_16000_1_fs160_{AT}.bin", "omi", "opus", 16000, "omi"),
        (f"audio_omi_opus_fs320_16000_1_fs320_{AT}.bin", "omi", "opus_fs320", 16000, "omi"),
        (f"audio_omi_opusFS320_16000_1_fs320_{AT}.bin", "omi", "opus_fs320", 16000, "omi"),
        (f"audio_friend_pcm8_8000_1_fs160_{AT}.bin", "friend", "pcm8", 8000, "friend"),
        (f"audio_phone_pcm16_44100_1_fs160_{AT}.bin", "phone", "pcm16", 44100, "phone"),
        (f"audio_limitless_opus_16000_1_fs320_{AT}.bin", "limitless", "opus", 16000, "limitless"),
        (f"pendant_limitless_{AT}.bin", "", "opus", 16000, "limitless"),
        (f"audio_toaster_opus_16000_1_fs160_{AT}.bin", "toaster", "opus", 16000, "omi"),
        (f"audio_unknown_pcm8_{AT}.bin", "unknown", "pcm8", 8000, "omi"),
        (f"x_{AT}.bin", "", "opus", 16000, "omi"),
        (f"/storage/emulated/0/audio_omi_opus_16000_1_fs160_{AT}.bin", "omi", "opus", 16000, "omi"),
    ],
)
def test_a_name_says_what_recorded_it_and_how(name: str, device: str, codec: str, rate: int, source: str) -> None:
    named = read_name(name)
    assert (named.device, named.codec, named.sample_rate, named.source.value) == (device, codec, rate, source)
    assert named.started_at == MOMENT


def test_milliseconds_are_kept() -> None:
    assert read_name(f"x_{AT}123.bin").started_at == MOMENT + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "talk.wav",
        f"audio_omi_opus_16000_1_fs160_{AT}.wav",
        "audio_omi_opus_16000_1_fs160_.bin",
        f"{AT}.bin",
        f"x_{AT}5.bin",
        "x_١٧٧٢٣٥٢٠٠٠.bin",
        f"{'x' * 400}_{AT}.bin",
    ],
)
def test_without_a_time_a_name_is_refused(name: str) -> None:
    with pytest.raises(BadRequestError, match="timestamp"):
        read_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"audio_omi_pcm16_16000_2_fs160_{AT}.bin", "one channel"),
        (f"audio_omi_pcm16_1000_1_fs160_{AT}.bin", "sample rate"),
    ],
)
def test_what_nobody_can_decode_is_refused(name: str, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        read_name(name)


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (EARLIEST - timedelta(seconds=1), "before 2024"),
        (datetime(2001, 9, 10, tzinfo=UTC), "before 2024"),
    ],
)
def test_a_clock_that_was_never_set_is_told(moment: datetime, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        read_name(f"x_{int(moment.timestamp())}.bin")


def test_a_clock_that_is_fast_by_minutes_counts_and_one_by_days_does_not() -> None:
    now = clock.now()
    assert read_name(f"x_{int((now + FAST_CLOCK / 2).timestamp())}.bin")
    with pytest.raises(BadRequestError, match="future"):
        read_name(f"x_{int((now + timedelta(days=2)).timestamp())}.bin")


def test_a_recording_of_any_age_is_taken() -> None:
    assert read_name(f"x_{int(EARLIEST.timestamp())}.bin").started_at == EARLIEST
