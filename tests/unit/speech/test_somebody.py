"""Whether somebody speaks in a recording: by the voice model, not only by how loud it is."""

import pytest

from common.speech.somebody import somebody_speaks
from tests.support.voices import hum, noise, silence, speech


def test_who_speaks_for_long_is_somebody() -> None:
    assert somebody_speaks(silence(20) + speech(8) + silence(5))


def test_who_says_little_again_and_again_is() -> None:
    assert somebody_speaks((speech(3) + silence(4)) * 4)


@pytest.mark.parametrize(
    "pcm", [b"", b"\1", silence(60), speech(2) + silence(9), silence(2) + hum(8), noise(5) + hum(5)]
)
def test_nothing_and_noise_and_a_word_are_not(pcm: bytes) -> None:
    assert not somebody_speaks(pcm)
