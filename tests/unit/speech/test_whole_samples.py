import random
from itertools import islice

import numpy as np
import pytest

from common.speech.files import decode_file
from common.speech.framed import Frame
from common.speech.whole_samples import WholeSamples, whole_frames, whole_samples
from local.demo.script import RECORDING
from tests.support.coding import tone

FRAME = 640


@pytest.fixture(scope="module")
def speech() -> bytes:
    with RECORDING.open("rb") as file:
        return b"".join(islice(decode_file(file), 20))


def cut(pcm: bytes, *sizes: int) -> list[bytes]:
    """Into frames of these sizes, one after the other and from the first again."""
    frames: list[bytes] = []
    at = 0
    while at < len(pcm):
        size = sizes[len(frames) % len(sizes)]
        frames.append(pcm[at : at + size])
        at += size
    return frames


def heard(frames: list[bytes], *, at_once: int = 1) -> bytes:
    samples = WholeSamples()
    groups = [frames[at : at + at_once] for at in range(0, len(frames), at_once)]
    return b"".join(frame for group in groups for frame in samples.feed(group))


def noisy_frames(pcm: bytes, clean: bytes) -> int:
    """Of 20 ms each, those that are not as they were said, wherever they lie: louder than anything around them."""
    levels = [np.abs(np.diff(np.frombuffer(frame, "<i2").astype(int))).mean() for frame in cut(pcm[:-FRAME], FRAME)]
    loudest = max(np.abs(np.diff(np.frombuffer(each, "<i2").astype(int))).mean() for each in cut(clean[:-FRAME], FRAME))
    return sum(level > 2 * loudest for level in levels)


@pytest.mark.parametrize("sizes", [(321,), (243,), (244, 244, 152), (17, 640), (1, 639), (3200, 101)])
@pytest.mark.parametrize("at_once", [1, 5])
def test_a_stream_that_is_cut_within_samples_is_heard_as_it_was_said(
    speech: bytes, sizes: tuple[int, ...], at_once: int
) -> None:
    frames = cut(speech, *sizes)
    assert heard(frames, at_once=at_once) == speech[: len(speech) // 2 * 2]


def test_frames_of_whole_samples_are_handed_on_as_they_are(speech: bytes) -> None:
    samples = WholeSamples()
    for frame in cut(speech, FRAME):
        assert [*samples.feed([frame])] == [frame]


def test_a_stream_that_begins_in_the_middle_of_a_sample_loses_that_sample(speech: bytes) -> None:
    pcm = heard(cut(speech[1:], FRAME))
    assert speech.endswith(pcm)
    assert noisy_frames(pcm, speech) == 0
    assert noisy_frames(speech[1:-1], speech) > 100, "it would have been noise"


@pytest.mark.parametrize("size", [FRAME - 1, FRAME])
def test_a_frame_that_was_lost_costs_no_more_than_itself(speech: bytes, size: int) -> None:
    frames = cut(speech, size)
    del frames[300], frames[500]
    assert noisy_frames(heard(frames), speech) <= 2, "a click for each"


def test_a_byte_too_many_in_each_frame_is_no_sample(speech: bytes) -> None:
    frames = [frame + b"\x7f" for frame in cut(speech, FRAME)]
    pcm = heard(frames)
    assert noisy_frames(pcm, speech) <= 2
    assert abs(len(pcm) - len(speech)) <= 2 * len(frames)


def test_a_byte_that_is_lost_within_a_frame_is_noticed(speech: bytes) -> None:
    broken = speech[:40_001] + speech[40_002:]
    pcm = heard(cut(broken, FRAME))
    assert noisy_frames(pcm, speech) <= 256
    assert speech.endswith(pcm[-64_000:])


@pytest.mark.parametrize(
    "pcm",
    [
        bytes(64_000),
        random.Random(1).randbytes(64_000),  # noqa: S311 - noise
        tone(2.0),
        tone(2.0, hertz=7_900),
        (np.frombuffer(tone(2.0), "<i2") >> 8 << 8).astype("<i2").tobytes(),
        (np.frombuffer(tone(2.0), "<i2") >> 7 << 7).astype("<i2").tobytes(),
        (np.frombuffer(tone(2.0), "<i2") // 300).astype("<i2").tobytes(),
        np.random.default_rng(1).normal(0, 2, 32_000).astype("<i2").tobytes(),
    ],
    ids=["silence", "noise", "tone", "high tone", "8 bit", "9 bit", "faint tone", "faint noise"],
)
def test_sound_of_other_kinds_is_not_moved(pcm: bytes) -> None:
    assert heard(cut(pcm, FRAME)) == pcm
    assert heard(cut(pcm, 321)) == pcm


def test_only_frames_of_16_bit_samples_are_looked_at() -> None:
    assert whole_samples("opus") is whole_samples("pcm8") is None
    frames = [Frame(b"abc", 0, 7), Frame(b"d", 7, 12)]
    assert [*whole_frames("opus", iter(frames))] == frames


def test_a_file_is_read_as_a_stream_is_and_its_frames_stay_where_they_lie(speech: bytes) -> None:
    cuts = cut(speech, 321)
    frames = [Frame(data, 325 * number, 325 * number + 4 + len(data)) for number, data in enumerate(cuts)]
    whole = [*whole_frames("pcm16", iter(frames))]
    assert b"".join(frame.data for frame in whole) == speech
    assert [frame.begin for frame in whole] == [frame.begin for frame in frames]
