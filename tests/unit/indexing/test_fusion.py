"""What words are worth, and one ranking out of two."""

from dataclasses import replace

import pytest

from common.database.vectors import Match
from common.indexing.fusion import WORDS_WORTH, fuse
from common.indexing.lexical import share_of_question, weigh


def _match(name: str, score: float = 0.0, **terms: float) -> Match:
    return Match(id=name, document_id=name, score=score, terms={int(key[1:]): value for key, value in terms.items()})


def test_a_term_counts_less_the_more_often_it_is_said() -> None:
    weights = weigh([([1, 2, 2, 2, 2], 1.0)])
    assert weights[1] < weights[2] < 2 * weights[1] < 1


def test_neighbours_count_by_their_share() -> None:
    weights = weigh([([1], 1.0), ([2], 0.5), ([1], 0.5)])
    assert weights[2] < weigh([([2], 1.0)])[2] < weights[1]


def test_no_text_has_more_terms_than_the_index_takes() -> None:
    weights = weigh([(range(5000), 1.0), ([4999], 1.0)])
    assert len(weights) == 1000
    assert 4999 in weights


def test_a_term_that_all_have_tells_less_than_one_that_few_have() -> None:
    candidates = {f"c{n}": {1: 0.5} for n in range(9)} | {"rare": {2: 0.5}}
    shares = share_of_question([1, 2], candidates)
    assert shares["rare"] > 5 * shares["c0"] > 0


def test_whoever_has_a_part_of_the_question_has_a_part_of_the_share() -> None:
    shares = share_of_question([1, 2, 3], {"all": {1: 1.0, 2: 1.0, 3: 1.0}, "one": {1: 1.0}, "none": {}})
    assert shares["all"] == pytest.approx(1.0)
    assert 0 < shares["one"] < 0.5
    assert shares["none"] == 0


def test_what_tells_more_comes_before_what_is_as_near() -> None:
    near = [replace(_match("asks", 0.6), worth=-0.2), _match("tells", 0.5)]
    assert [(match.id, match.score) for match in fuse(near, [], asked=[])] == [
        ("tells", 0.5),
        ("asks", pytest.approx(0.4)),
    ]


def test_what_both_name_comes_once_and_first() -> None:
    near = [_match("a", 0.5), _match("both", 0.48)]
    worded = [_match("both", 3.0, t7=0.5), _match("b", 2.0, t7=0.01)]
    found = fuse(near, worded, asked=[7])
    assert [match.id for match in found] == ["both", "a", "b"]
    assert found[0].score == pytest.approx(0.48 + WORDS_WORTH * 0.5)
    assert all(not match.terms for match in found)


def test_without_words_the_meaning_decides_and_the_other_way_round() -> None:
    assert [match.score for match in fuse([_match("a", 0.5)], [], asked=[])] == [0.5]
    assert [match.id for match in fuse([], [_match("a", 1.0, t7=0.5)], asked=[7])] == ["a"]
    assert fuse([], [], asked=[]) == []
