"""Words given to the wrong speaker, whatever speakers are called."""

import pytest

from local.demo.attribution import Spoken, speaker_error

SAID: list[Spoken] = [("A", "Good morning, how are you?"), ("B", "Very well, thank you."), ("A", "I am glad.")]


@pytest.mark.parametrize(
    ("heard", "error"),
    [
        ([("0", "good morning how are you"), ("1", "very well thank you"), ("0", "i am glad")], 0.0),
        ([("1", "good morning how are you"), ("0", "very well thank you"), ("1", "i am glad")], 0.0),
        ([("0", "good morning how are you very well thank you i am glad")], 4 / 12),
        ([("0", "good morning how are you"), ("1", "very well thank you"), ("2", "i am glad")], 3 / 12),
        ([("0", "good morning how are you"), ("0", "very well"), ("1", "thank you"), ("0", "i am glad")], 2 / 12),
        ([("0", "good evening how are you"), ("1", "thank you")], 0.0),
        ([(str(number), word) for number, word in enumerate(["good", "morning", "how", "are", "you"])], 4 / 5),
    ],
)
def test_it_is_the_share_of_words_that_are_not_the_matching_speaker_s(heard: list[Spoken], error: float) -> None:
    assert speaker_error(SAID, heard) == pytest.approx(error)


@pytest.mark.parametrize("heard", [[], [("0", "")], [("0", "something else entirely")]])
def test_where_no_word_was_recognised_there_is_none(heard: list[Spoken]) -> None:
    assert speaker_error(SAID, heard) is None
    assert speaker_error([], SAID) is None
