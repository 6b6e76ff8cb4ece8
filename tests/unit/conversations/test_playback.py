"""Stored blocks become recordings, and any part of one can be made alone."""

import math
from array import array
from itertools import pairwise

import pytest

from common.conversations import playback
from common.conversations.playback import read_pcm
from common.conversations.playlist import Recording, arrange, describe, pcm_bytes
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.speech.blocks import encode_block
from common.speech.codecs import frame_decoder
from common.speech.opus import OpusEncoder
from tests.support.coding import aac_units, lc3_frames, tone
from tests.support.making import NOON, a_block, a_conversation


def _arranged(*blocks: AudioBlock) -> list[list[tuple[float, float]]]:
    return [
        [(block.start, block.end) for block in recording.blocks] for recording in arrange(blocks, conversation_id="c1")
    ]


class TestArranging:
    """Which blocks belong together."""

    def test_blocks_up_to_ninety_seconds_apart_are_one_recording(self) -> None:
        assert _arranged(a_block(95, 100), a_block(0, 5)) == [[(0, 5), (95, 100)]]
        assert _arranged(a_block(0, 5), a_block(95.1, 100)) == [[(0, 5)], [(95.1, 100)]]

    def test_connections_that_follow_one_another_are_one_recording(self) -> None:
        blocks = [a_block(0, 5), a_block(6, 9, session_id="t"), a_block(8.8, 12, session_id="u")]
        assert _arranged(*blocks) == [[(0, 5), (6, 9), (8.8, 12)]]

    def test_connections_at_the_same_time_are_recordings_of_their_own(self) -> None:
        blocks = [a_block(0, 5), a_block(5, 10), a_block(2, 8, session_id="t"), a_block(8, 12, session_id="t")]
        assert _arranged(*blocks) == [[(0, 5), (5, 10)], [(2, 8), (8, 12)]]

    def test_nothing_stored_is_nothing_to_play(self) -> None:
        assert _arranged() == []

    def test_the_same_blocks_are_the_same_recording_and_more_of_them_too(self) -> None:
        [first] = arrange([a_block(0, 5)], conversation_id="c1")
        [more] = arrange([a_block(0, 5), a_block(5, 9)], conversation_id="c1")
        [other] = arrange([a_block(0, 5)], conversation_id="c2")
        assert first.id == more.id != other.id

    def test_clients_are_told_when_it_was(self) -> None:
        [recording] = arrange([a_block(2, 5), a_block(7, 9.5)], conversation_id="c1")
        file = describe(recording, a_conversation(), uid="u")
        noon = NOON.timestamp()
        assert (file.chunk_timestamps, file.duration, file.uid) == ([noon + 2, noon + 7], 7.5, "u")
        assert file.started_at is not None
        assert file.started_at.timestamp() == noon + 2

    def test_chunks_are_few_however_long_it_was(self) -> None:
        day = [a_block(start, start + 5) for start in range(0, 24 * 3600, 5)]
        [recording] = arrange(day, conversation_id="c1")
        stamps = describe(recording, a_conversation(), uid="u").chunk_timestamps
        assert len(stamps) == 24 * 60
        assert {later - earlier for earlier, later in pairwise(stamps)} == {60.0}
        assert recording.duration == 24 * 3600


SECOND = 32_000


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the blocks hold, by their names."""
    held: dict[str, bytes] = {}
    monkeypatch.setattr(audio_blocks, "read", lambda block: held[block.name])
    return held


def _recording(*blocks: AudioBlock) -> Recording:
    [recording] = arrange(blocks, conversation_id="c1")
    return recording


def _pcm(value: int, seconds: float) -> bytes:
    return value.to_bytes(2, "little") * round(seconds * 16_000)


class TestReading:
    """Any part of a recording."""

    def test_a_gap_is_silence_and_every_part_is_cut_from_the_same_whole(self, stored: dict[str, bytes]) -> None:
        stored.update(a=encode_block([_pcm(1, 1)]), b=encode_block([_pcm(2, 0.5), _pcm(3, 0.5)]))
        recording = _recording(a_block(5, 6, name="a"), a_block(8, 9, name="b"))
        whole = _pcm(1, 1) + bytes(2 * SECOND) + _pcm(2, 0.5) + _pcm(3, 0.5)
        assert recording.size == len(whole)
        assert b"".join(read_pcm(recording, 0, recording.size)) == whole
        for start, end in ((0, 1), (31_999, 32_001), (40_000, 40_000), (95_999, 120_001), (127_999, 128_000)):
            assert b"".join(read_pcm(recording, start, end)) == whole[start:end]

    def test_only_the_blocks_of_a_part_are_read_and_one_before_them(
        self, stored: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[str] = []

        def noted(block: AudioBlock) -> bytes:
            read.append(block.name)
            return stored[block.name]

        stored.update({str(number): encode_block([_pcm(number, 1)]) for number in range(9)})
        monkeypatch.setattr(audio_blocks, "read", noted)
        recording = _recording(*(a_block(number, number + 1, name=str(number)) for number in range(9)))
        assert b"".join(read_pcm(recording, 5 * SECOND, 6 * SECOND)) == _pcm(5, 1)
        assert read == ["4", "5"]

    @pytest.mark.parametrize("samples", [15_000, 17_000], ids=["less", "more"])
    def test_what_decodes_to_less_or_more_than_its_time_shifts_nothing(
        self, stored: dict[str, bytes], samples: int
    ) -> None:
        stored.update(a=encode_block([_pcm(1, samples / 16_000)]), b=encode_block([_pcm(2, 1)]))
        recording = _recording(a_block(0, 1, name="a"), a_block(1, 2, name="b"))
        pcm = b"".join(read_pcm(recording, 0, recording.size))
        assert len(pcm) == 2 * SECOND
        assert pcm[SECOND:] == _pcm(2, 1)

    def test_what_cannot_be_decoded_is_silence(self, stored: dict[str, bytes]) -> None:
        stored.update(a=b"junk", b=encode_block([b"", _pcm(2, 1)]), c=encode_block([_pcm(3, 1)]))
        blocks = [a_block(0, 1, name="a"), a_block(1, 2, name="b"), a_block(2, 3, name="c", codec="lc3")]
        recording = _recording(*blocks)
        assert b"".join(read_pcm(recording, 0, recording.size)) == bytes(SECOND) + _pcm(2, 1) + bytes(SECOND)

    def test_eight_bit_audio_at_another_rate_comes_as_long_as_it_was(self, stored: dict[str, bytes]) -> None:
        stored.update({name: encode_block([bytes([200]) * 8000]) for name in "abc"})
        blocks = [a_block(at, at + 1, name=name, codec="pcm8", sample_rate=8000) for at, name in enumerate("abc")]
        recording = _recording(*blocks)
        pcm = b"".join(read_pcm(recording, 0, recording.size))
        assert len(pcm) == 3 * SECOND
        middle = memoryview(pcm[SECOND : 2 * SECOND]).cast("h")
        assert min(middle[100:-100]) > 15_000

    def test_a_part_of_an_opus_stream_sounds_as_it_does_in_the_whole(self, stored: dict[str, bytes]) -> None:
        encoder = OpusEncoder()
        tone = array("h", (round(8000 * math.sin(2 * math.pi * 440 * n / 16_000)) for n in range(48_000))).tobytes()
        packets = [encoder.encode(tone[at : at + 640]) for at in range(0, len(tone), 640)]
        stored.update({str(number): encode_block(packets[50 * number : 50 * number + 50]) for number in range(3)})
        blocks = [a_block(n, n + 1, name=str(n), codec="opus_fs320") for n in range(3)]
        recording = _recording(*blocks)
        whole = b"".join(read_pcm(recording, 0, recording.size))
        part = b"".join(read_pcm(recording, 2 * SECOND, 3 * SECOND))
        assert len(whole) == 3 * SECOND
        pairs = zip(memoryview(whole[2 * SECOND :]).cast("h"), memoryview(part).cast("h"), strict=True)
        assert max(abs(one - other) for one, other in pairs) < 200
        assert max(memoryview(part).cast("h")) > 4000

    def test_a_long_gap_comes_in_pieces(self) -> None:
        recording = Recording("r", (a_block(0, 0, name="x"), a_block(3600, 3600, name="x")))
        assert max(map(len, read_pcm(recording, 0, recording.size))) <= 64 * 1024
        assert sum(map(len, playback.read_pcm(recording, 0, recording.size))) == 3600 * SECOND

    @pytest.mark.parametrize(
        ("codec", "rate"), [("pcm16", 8_000), ("aac", 8_000), ("aac", 16_000), ("lc3", 16_000), ("lc3", 48_000)]
    )
    def test_where_one_block_ends_and_the_next_begins_is_not_heard(
        self, stored: dict[str, bytes], codec: str, rate: int
    ) -> None:
        frames = {"pcm16": _pcm_frames, "aac": aac_units, "lc3": lc3_frames}[codec](tone(5.12, rate=rate), rate=rate)
        decoder = frame_decoder(codec, rate)
        of_a_block = [frames[at : at + len(frames) // 4] for at in range(0, len(frames) // 4 * 4, len(frames) // 4)]
        length = sum(map(decoder.frame_seconds, of_a_block[0]))
        uncut = decoder.decode_many([frame for each in of_a_block for frame in each]) + decoder.flush()
        stored.update({str(number): encode_block(each) for number, each in enumerate(of_a_block)})
        recording = _recording(
            *(
                a_block(number * length, (number + 1) * length, name=str(number), codec=codec, sample_rate=rate)
                for number in range(4)
            )
        )
        whole = b"".join(read_pcm(recording, 0, recording.size))
        assert len(whole) == recording.size
        assert _furthest(whole, uncut) <= 2
        middle = pcm_bytes(2.5 * length)
        part = b"".join(read_pcm(recording, middle, middle + SECOND))
        assert len(part) == SECOND
        assert _furthest(part, whole[middle:]) < 200

    def test_a_block_that_is_gone_moves_nothing_that_follows(self, stored: dict[str, bytes]) -> None:
        frames = aac_units(tone(3.0))
        stored.update({str(number): encode_block(frames[15 * number : 15 * number + 15]) for number in range(3)})
        stored["1"] = b""
        blocks = [a_block(n * 0.96, (n + 1) * 0.96, name=str(n), codec="aac") for n in range(3)]
        pcm = memoryview(b"".join(read_pcm(_recording(*blocks), 0, pcm_bytes(2.88)))).cast("h")
        assert max(pcm[15_360:30_720]) == 0
        assert max(pcm[32_768:]) > 4000
        assert len(pcm) == 46_080


def _pcm_frames(pcm: bytes, *, rate: int) -> list[bytes]:
    return [pcm[at : at + rate // 25] for at in range(0, len(pcm), rate // 25)]


def _furthest(pcm: bytes, other: bytes) -> int:
    """How far two sounds are apart where they are furthest, as far as there is some of both."""
    return max(abs(one - two) for one, two in zip(memoryview(pcm).cast("h"), memoryview(other).cast("h"), strict=False))
