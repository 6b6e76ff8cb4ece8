import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech import aac
from common.speech.codecs import frame_decoder
from common.speech.opus import OpusEncoder, packet_seconds
from tests.support.coding import aac_units, lc3_frames, tone

BYTES_PER_SECOND = 32_000


def pitch(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.abs(np.fft.rfft(samples)).argmax() * 16_000 / len(samples))


@pytest.mark.parametrize(("codec", "milliseconds"), [("opus", 10), ("opus_fs320", 20)])
def test_opus_packets_become_the_sound_they_were_made_of(codec: str, milliseconds: int) -> None:
    encoder = OpusEncoder(frame_seconds=milliseconds / 1000)
    decoder = frame_decoder(codec, 16_000)
    pcm, size = tone(1.0), 32 * milliseconds
    packets = [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm), size)]
    decoded = b"".join(decoder.decode(packet) for packet in packets)
    assert len(decoded) == len(pcm)
    assert pitch(decoded) == pytest.approx(440, abs=2)
    assert {decoder.frame_seconds(packet) for packet in packets} == {milliseconds / 1000}


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=80))
def test_any_garbage_is_concealed_for_exactly_as_long_as_the_frame_claims(packet: bytes) -> None:
    decoder = frame_decoder("opus", 16_000)
    assert len(decoder.decode(packet)) == round(decoder.frame_seconds(packet) * BYTES_PER_SECOND)


def test_packets_decoded_together_are_those_decoded_one_by_one_however_many_they_are() -> None:
    encoder = OpusEncoder()
    packets = [encoder.encode(tone(0.02, hertz=200 + 10 * n)) for n in range(100)]
    packets[30] = b"\xff" * 9
    single = frame_decoder("opus_fs320", 16_000)
    one_by_one = b"".join(map(single.decode, packets))
    for size in (1, 5, 23, 100):
        group = frame_decoder("opus_fs320", 16_000)
        groups = [packets[at : at + size] for at in range(0, 100, size)]
        assert b"".join(map(group.decode_many, groups)) == one_by_one


def test_a_stream_goes_on_after_a_corrupt_packet() -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packets = [encoder.encode(tone(0.02)) for _ in range(50)]
    packets[20] = b"\xff" * 9
    assert pitch(b"".join(decoder.decode(packet) for packet in packets)[-16_000:]) == pytest.approx(450, abs=15)


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        (b"", None),
        (bytes([0 << 3]), 0.01),
        (bytes([3 << 3]), 0.06),
        (bytes([13 << 3]), 0.02),
        (bytes([16 << 3]), 0.0025),
        (bytes([31 << 3 | 1]), 0.04),
        (bytes([31 << 3 | 3, 6]), 0.12),
        (bytes([31 << 3 | 3, 7]), None),
        (bytes([31 << 3 | 3, 0]), None),
        (bytes([31 << 3 | 3]), None),
    ],
)
def test_the_duration_of_a_packet_is_in_its_first_bytes(head: bytes, seconds: float | None) -> None:
    assert packet_seconds(head) == (pytest.approx(seconds) if seconds else None)


CODECS = ["pcm8", "pcm16", "opus", "opus_fs320", "lc3", "lc3_fs1030", "aac"]


@pytest.mark.parametrize("codec", CODECS)
def test_an_empty_frame_is_rejected_alone_and_passed_over_among_others(codec: str) -> None:
    decoder = frame_decoder(codec, 16_000)
    with pytest.raises(InvalidInputError):
        decoder.decode(b"")
    assert decoder.decode_many([b"", b""]) == b""
    assert decoder.decode_many([]) == b""


@pytest.mark.parametrize("codec", CODECS)
@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(min_size=1, max_size=90), max_size=12))
def test_any_garbage_gives_as_much_sound_as_it_claims_whether_decoded_one_by_one_or_together(
    codec: str, frames: list[bytes]
) -> None:
    single, group = frame_decoder(codec, 16_000), frame_decoder(codec, 16_000)
    pcm = group.decode_many(frames)
    assert pcm == b"".join(single.decode(frame) for frame in frames)
    claimed = sum(map(group.frame_seconds, frames))
    if codec == "pcm16":
        claimed = sum(len(frame) // 2 for frame in frames) / 16_000
    assert len(pcm) == round(claimed * BYTES_PER_SECOND)


def test_pcm16_at_16_khz_is_passed_through_but_for_half_a_sample() -> None:
    decoder = frame_decoder("pcm16", 16_000)
    assert decoder.decode(b"\x01\x02\x03\x04\x05") == b"\x01\x02\x03\x04"
    assert decoder.frame_seconds(bytes(3200)) == pytest.approx(0.1)


def test_pcm8_is_unsigned() -> None:
    decoder = frame_decoder("pcm8", 16_000)
    assert struct.unpack("<3h", decoder.decode(b"\x00\x80\xff")) == (-32_768, 0, 32_512)


@pytest.mark.parametrize(("codec", "rate"), [("pcm8", 8_000), ("pcm16", 8_000), ("pcm16", 44_100), ("pcm16", 48_000)])
def test_other_rates_become_16_khz_without_losing_time_or_pitch(codec: str, rate: int) -> None:
    decoder = frame_decoder(codec, rate)
    pcm = tone(2.0, rate=rate)
    if codec == "pcm8":
        pcm = bytes((sample >> 8) + 128 for (sample,) in struct.iter_unpack("<h", pcm))
    step = rate // 50 * (1 if codec == "pcm8" else 2)
    frames = [pcm[at : at + step] for at in range(0, len(pcm), step)]
    decoded = b"".join(decoder.decode(frame) for frame in frames)
    assert len(decoded) / BYTES_PER_SECOND > 1.9, "a resampler may hold back only a little"
    decoded += decoder.flush()
    assert len(decoded) / BYTES_PER_SECOND == pytest.approx(2.0, abs=0.002)
    assert pitch(decoded) == pytest.approx(440, abs=2)
    assert sum(map(decoder.frame_seconds, frames)) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("codec", "rate"),
    [
        ("speex", 16_000),
        ("", 16_000),
        ("pcm16", 0),
        ("opus", -1),
        ("lc3", 44_100),
        ("lc3_fs1030", 4_000),
        ("aac", 44_000),
    ],
)
def test_an_unknown_codec_or_rate_is_refused(codec: str, rate: int) -> None:
    with pytest.raises(UnsupportedAudioError):
        frame_decoder(codec, rate)


def test_a_frame_of_the_wrong_length_is_not_encoded() -> None:
    with pytest.raises(ValueError, match="640 bytes"):
        OpusEncoder().encode(bytes(638))


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_lc3_frames_become_the_sound_they_were_made_of(rate: int) -> None:
    decoder = frame_decoder("lc3_fs1030", rate)
    frames = lc3_frames(tone(1.0, rate=rate), rate=rate)
    pcm = decoder.decode_many(frames) + decoder.flush()
    assert len(pcm) / BYTES_PER_SECOND == pytest.approx(1.0, abs=0.001)
    assert pitch(pcm) == pytest.approx(440, abs=2)


def test_several_lc3_frames_may_come_in_one_message() -> None:
    frames = lc3_frames(tone(0.3))
    packed = [b"".join(frames[at : at + 5]) for at in range(0, 30, 5)]
    one_by_one, together = frame_decoder("lc3", 16_000), frame_decoder("lc3", 16_000)
    assert together.decode_many(packed) == b"".join(map(one_by_one.decode, frames))
    assert {together.frame_seconds(message) for message in packed} == {0.05}


def test_an_lc3_frame_of_another_size_is_one_frame() -> None:
    decoder = frame_decoder("lc3", 16_000)
    frames = lc3_frames(tone(1.0), size=40)
    assert decoder.frame_seconds(frames[0]) == 0.01
    assert pitch(decoder.decode_many(frames)) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("bad", [bytes([0xFF]) * 30, b"abc", bytes(30)])
def test_a_bad_lc3_frame_moves_nothing_that_follows(bad: bytes) -> None:
    frames = lc3_frames(tone(0.5)) + lc3_frames(bytes(16_000))
    decoder = frame_decoder("lc3", 16_000)
    whole = np.frombuffer(decoder.decode_many(frames), "<i2")
    frames[20] = bad
    damaged = np.frombuffer(frame_decoder("lc3", 16_000).decode_many(frames), "<i2")
    assert len(damaged) == len(whole)
    assert np.abs(damaged[-8000:].astype(int) - whole[-8000:]).max() < 300, "silence where there was silence"


def with_adts(unit: bytes, *, rate: int = 16_000, channels: int = 1) -> bytes:
    size, index = len(unit) + 7, aac.RATES.index(rate)
    fields = [
        0xFF,
        0xF1,
        1 << 6 | index << 2,
        channels << 6 | size >> 11,
        size >> 3 & 0xFF,
        (size & 7) << 5 | 0x1F,
        0xFC,
    ]
    return bytes(fields) + unit


@pytest.mark.parametrize("adts", [True, False])
@pytest.mark.parametrize(("rate", "layout"), [(8_000, "mono"), (16_000, "mono"), (44_100, "stereo"), (48_000, "mono")])
def test_aac_becomes_the_sound_it_was_made_of(adts: bool, rate: int, layout: str) -> None:  # noqa: FBT001
    units = aac_units(tone(2.0, rate=rate), rate=rate, layout=layout)
    channels = 2 if layout == "stereo" else 1
    frames = [with_adts(unit, rate=rate, channels=channels) for unit in units] if adts else units
    decoder = frame_decoder("aac", rate)
    pcm = decoder.decode_many(frames) + decoder.flush()
    assert len(pcm) / BYTES_PER_SECOND == pytest.approx(sum(map(decoder.frame_seconds, frames)), abs=0.001)
    assert pitch(pcm) == pytest.approx(440, abs=2)


def test_the_rate_in_an_aac_header_overrules_what_the_client_said() -> None:
    frames = [with_adts(unit, rate=44_100) for unit in aac_units(tone(2.0, rate=44_100), rate=44_100)]
    decoder = frame_decoder("aac", 8_000)
    assert decoder.frame_seconds(frames[0]) == pytest.approx(1024 / 44_100)
    assert pitch(decoder.decode_many(frames)) == pytest.approx(440, abs=2)


def test_several_aac_frames_may_come_in_one_message_and_what_follows_them_is_dropped() -> None:
    frames = [with_adts(unit) for unit in aac_units(tone(1.0))]
    one_by_one, together = frame_decoder("aac", 16_000), frame_decoder("aac", 16_000)
    message = b"".join(frames) + frames[0][:9]
    assert together.decode(message) == b"".join(map(one_by_one.decode, frames))
    assert together.frame_seconds(message) == pytest.approx(len(frames) * 0.064)


def test_a_stream_of_aac_goes_on_in_time_after_damaged_frames() -> None:
    frames = [with_adts(unit) for unit in aac_units(tone(2.0))]
    frames[5] = frames[5][:7] + bytes([0xFF]) * (len(frames[5]) - 7)
    frames[9] = b"garbage"
    frames[10] = frames[10][: len(frames[10]) // 2]
    decoder = frame_decoder("aac", 16_000)
    pcm = decoder.decode_many(frames)
    assert len(pcm) == len(frames) * 2048
    assert pitch(pcm[-32_000:]) == pytest.approx(440, abs=3)


def test_garbage_that_looks_like_aac_headers_does_not_claim_hours() -> None:
    header = with_adts(b"x", rate=7_350)
    assert frame_decoder("aac", 16_000).frame_seconds(header * 8000) < 10


def test_two_decoders_do_not_hear_each_other() -> None:
    encoder = OpusEncoder()
    packets = [encoder.encode(tone(0.02)) for _ in range(20)]
    alone = frame_decoder("opus_fs320", 16_000)
    expected = [alone.decode(packet) for packet in packets]
    one, other = frame_decoder("opus_fs320", 16_000), frame_decoder("opus_fs320", 16_000)
    for packet, pcm in zip(packets, expected, strict=True):
        other.decode(b"\xff" * 9)
        assert one.decode(packet) == pcm


def test_decoding_a_packet_costs_microseconds() -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packets = [encoder.encode(tone(0.02)) for _ in range(200)]
    started = time.process_time()
    for at in range(0, 200, 5):
        decoder.decode_many(packets[at : at + 5])
    assert (time.process_time() - started) / 200 < 0.0002, "ten times what is expected, for slow machines"


def test_telling_how_long_a_packet_is_costs_next_to_nothing() -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packet = encoder.encode(tone(0.02))
    started = time.process_time()
    for _ in range(2000):
        decoder.frame_seconds(packet)
    assert (time.process_time() - started) / 2000 < 0.000005, "ten times what is expected, for slow machines"
