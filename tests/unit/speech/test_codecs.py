import math
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.core.errors import InvalidInputError, UnsupportedAudioError
from common.speech.codecs import frame_decoder
from common.speech.opus import OpusEncoder, packet_seconds

BYTES_PER_SECOND = 32_000


def tone(seconds: float, *, rate: int = 16_000, hertz: float = 440.0, amplitude: float = 8000.0) -> bytes:
    count = round(seconds * rate)
    return struct.pack(f"<{count}h", *(round(amplitude * math.sin(math.tau * hertz * n / rate)) for n in range(count)))


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


def test_a_stream_goes_on_after_a_corrupt_packet() -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packets = [encoder.encode(tone(0.02)) for _ in range(50)]
    packets[20] = b"\xff" * 9
    assert pitch(b"".join(decoder.decode(packet) for packet in packets)[-16_000:]) == pytest.approx(450, abs=15)


@pytest.mark.parametrize(
    ("packet", "seconds"),
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
def test_the_duration_of_a_packet_is_in_its_first_bytes(packet: bytes, seconds: float | None) -> None:
    assert packet_seconds(packet) == (pytest.approx(seconds) if seconds else None)


@pytest.mark.parametrize("codec", ["pcm8", "pcm16", "opus", "opus_fs320"])
def test_an_empty_frame_is_rejected(codec: str) -> None:
    with pytest.raises(InvalidInputError):
        frame_decoder(codec, 16_000).decode(b"")


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
    ("codec", "rate"), [("lc3_fs1030", 16_000), ("aac", 16_000), ("", 16_000), ("pcm16", 0), ("opus", -1)]
)
def test_an_unknown_codec_or_rate_is_refused(codec: str, rate: int) -> None:
    with pytest.raises(UnsupportedAudioError):
        frame_decoder(codec, rate)


def test_a_frame_of_the_wrong_length_is_not_encoded() -> None:
    with pytest.raises(ValueError, match="640 bytes"):
        OpusEncoder().encode(bytes(638))


def test_decoding_a_packet_costs_microseconds() -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packets = [encoder.encode(tone(0.02)) for _ in range(200)]
    started = time.process_time()
    for packet in packets * 5:
        decoder.decode(packet)
    assert (time.process_time() - started) / 1000 < 0.0004, "ten times what is expected, for slow machines"
