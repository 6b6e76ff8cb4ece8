"""What is voiced for long without a word is noted; what is short, or near to a word, is not."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from common.conversations.live.wordless import Wordless
from common.models.conversation import Interval
from common.speech.transcriber import Utterance

Stretch = tuple[float, float]


def _of(intervals: Sequence[Interval]) -> list[Stretch]:
    return [(round(each.start, 3), round(each.end, 3)) for each in intervals]


def _wordless(
    voiced: Sequence[Stretch], *news: tuple[float, Sequence[Stretch]]
) -> tuple[Wordless, list[list[Stretch]]]:
    """After these stretches were voiced and everything was settled up to each moment, with words at these times.

    Beside it what each news' words stand for.
    """
    wordless = Wordless()
    for begin, end in voiced:
        wordless.voice(begin, end)
    stands = []
    for (since, _), (until, words) in pairwise([(0.0, ()), *news]):
        settled = [Interval(start=since, end=until)]
        stands.append(_of(wordless.settle(settled, [Utterance("word", begin, end) for begin, end in words])))
    return wordless, stands


def test_a_voice_without_a_word_is_found_and_no_word_stands_for_it() -> None:
    wordless, stands = _wordless([(0, 20)], (20, [(0, 2)]))
    assert _of(wordless.found) == [(2.5, 20)]
    assert stands == [[(0, 2.5)]]


def test_it_may_be_settled_bit_by_bit() -> None:
    wordless, stands = _wordless([(0, 20)], *((float(second), []) for second in range(1, 19)), (20, [(19, 20)]))
    assert _of(wordless.found) == [(0, 18.5)]
    assert stands[-1] == [(18.5, 20)]


def test_speech_with_its_words_is_none() -> None:
    spoken = [(at, at + 0.4) for at in range(0, 60, 3)]
    wordless, stands = _wordless([(0, 60)], (30, spoken[:10]), (60, spoken[10:]))
    assert wordless.found == []
    assert stands == [[(0, 27.9)], [(30, 57.9)]], "what may yet turn out to be much waits for the next word"


@pytest.mark.parametrize("cough_s", [1.6, 1.9])
def test_noises_now_and_then_are_none(cough_s: float) -> None:
    coughs = [(at, at + cough_s) for at in range(0, 70, 10)]
    assert _wordless(coughs, (70, []))[0].found == []


def test_short_sentences_without_a_word_are_much_together() -> None:
    sentences = [(0, 3), (5, 8), (30, 33)]
    wordless, stands = _wordless(sentences, (40, []), (60, [(50, 51)]))
    assert _of(wordless.found) == [(0, 8), (30, 33)], "heard as one where little silence is between them"
    assert stands[0] == [(3, 5), (8, 30), (33, 40)]


def test_a_word_in_between_says_that_the_recogniser_hears() -> None:
    wordless, _ = _wordless([(0, 3), (5, 8), (10, 13)], (13, [(5.5, 7.5)]))
    assert wordless.found == []


def test_where_nobody_has_judged_the_voice_nothing_is_found() -> None:
    wordless, stands = _wordless([], (60, [(1, 2)]))
    assert wordless.found == []
    assert stands == [[(0, 60)]]


def test_what_is_never_settled_is_nobodys_word_to_doubt() -> None:
    wordless = Wordless()
    wordless.voice(0, 30)
    wordless.settle([Interval(start=20, end=22)], [])
    wordless.settle([Interval(start=22, end=23)], [])
    assert wordless.found == []
    wordless.settle([Interval(start=23, end=30)], [])
    assert _of(wordless.found) == [(20, 30)]


def test_a_day_of_it_is_told_in_few_stretches_that_hold_all_of_it() -> None:
    wordless = Wordless()
    stretches = [(float(at), at + 6.0) for at in range(0, 24 * 3600, 30)]
    for begin, end in stretches:
        wordless.voice(begin, end)
        wordless.settle([Interval(start=begin, end=end + 24)], [Utterance("yes", end + 10, end + 11)])
    found = wordless.found
    assert len(found) <= 200
    assert all(any(each.start <= begin and end <= each.end for each in found) for begin, end in stretches)


@pytest.mark.parametrize("step_s", [0.1, 0.25, 1.0])
@pytest.mark.parametrize("late_s", [0.0, 0.4])
def test_a_recogniser_that_settles_at_once_and_in_slivers_is_doubted_as_well(step_s: float, late_s: float) -> None:
    wordless = Wordless()
    for step in range(round(20 / step_s)):
        begin = step * step_s
        if late_s == 0:
            wordless.voice(begin, begin + step_s)
        wordless.settle([Interval(start=begin, end=begin + step_s)], [])
        if late_s and begin + step_s - late_s > 0:
            wordless.voice(max(0.0, begin - late_s), begin + step_s - late_s)
    wordless.settle([Interval(start=20, end=21)], [])
    assert _of(wordless.found) == [(0, 20.0 - late_s)]


def test_a_word_counts_for_the_voice_that_is_told_of_after_it() -> None:
    wordless = Wordless()
    for second in range(20):
        word = Utterance("word", second + 0.2, second + 0.8)
        wordless.settle([Interval(start=second, end=second + 1)], [word])
        wordless.voice(max(0.0, second - 0.4), second + 0.6)
    assert wordless.found == []
