"""The language of the storm test: what is said as tones is heard, whole or cut, through any codec and in any pieces."""

from itertools import pairwise
from random import Random

import pytest

from common.speech.codecs import frame_decoder
from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.storm.numbers import CUT, HIGHEST, NumbersEar, quiet, speech_of, word_of, words_in

NUMBERS = [0, HIGHEST - 1, *Random(3).sample(range(HIGHEST), 40)]  # noqa: S311 - no secret
SPEECH = b"".join(quiet(0.3) + speech_of(number) for number in NUMBERS) + quiet(0.3)
PACKET = round(0.02 * BYTES_PER_SECOND)


def test_every_number_is_heard_where_it_was_said() -> None:
    heard = words_in(SPEECH)
    assert [word.text for word in heard] == [word_of(number) for number in NUMBERS]
    for place, word in enumerate(heard):
        assert word.start == pytest.approx(0.3 + 0.78 * place, abs=0.03)
        assert word.end == pytest.approx(0.78 * (place + 1), abs=0.03)


def test_numbers_survive_opus() -> None:
    encoder = OpusEncoder(bitrate=16_000)
    padded = SPEECH + bytes(-len(SPEECH) % PACKET)
    packets = [encoder.encode(padded[at : at + PACKET]) for at in range(0, len(padded), PACKET)]
    heard = words_in(frame_decoder("opus_fs320", 16_000).decode_many(packets))
    assert [word.text for word in heard] == [word_of(number) for number in NUMBERS]


@pytest.mark.parametrize("piece", [34, 334, 3200, 16_000])
def test_it_does_not_matter_in_which_pieces_it_is_heard(piece: int) -> None:
    ear = NumbersEar()
    speech = SPEECH[: 5 * BYTES_PER_SECOND]
    heard = [word for at in range(0, len(speech), piece) for word in ear.hear(speech[at : at + piece])]
    assert heard + ear.rest() == words_in(speech)


@pytest.mark.parametrize("kept", [0.02, 0.1, 0.24, 0.4])
def test_a_part_of_a_number_is_heard_as_one_that_was_cut(kept: float) -> None:
    part = round(kept * BYTES_PER_SECOND)
    beginning, end = speech_of(4711)[:part], speech_of(4711)[-part:]
    assert [word.text for word in words_in(quiet(0.5) + beginning)] == [CUT]
    assert [word.text for word in words_in(end + quiet(0.5))] == [CUT]


def test_halves_of_two_numbers_are_no_third() -> None:
    half = len(speech_of(0)) // 2
    glued = [speech_of(one)[:half] + speech_of(two)[half:] for one, two in pairwise(NUMBERS)]
    heard = [word.text for piece in glued for word in words_in(quiet(0.2) + piece + quiet(0.2))]
    assert heard == [CUT] * len(glued)
