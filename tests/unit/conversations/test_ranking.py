"""Which conversations answer a question, and with which passages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from common.conversations.ranking import MOST_PASSAGES, by_conversation, rank
from common.database.vectors import Match
from common.indexing.periods import Period
from tests.support.making import NOON


def _passage(conversation: str, number: int, score: float, day: float = 0) -> Match:
    name, began = f"{conversation}-{number}", NOON + timedelta(days=day)
    return Match(id=name, document_id=conversation, score=score, number=number, began=began)


def _summary(conversation: str, score: float) -> Match:
    return Match(id=conversation, document_id=conversation, score=score)


def _order(passages: list[Match], summaries: list[Match], **when: Any) -> list[str]:
    ranked = rank(by_conversation(passages, summaries), **{"period": None, "only_then": False, **when})
    return [each.conversation_id for each in ranked]


NOON_DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12), "today")


def test_a_conversation_is_as_good_as_the_best_of_it() -> None:
    passages = [_passage("a", 0, 0.4), _passage("b", 0, 0.5)]
    assert _order(passages, [_summary("a", 0.6)]) == ["a", "b"]
    assert _order(passages, [_summary("a", 0.1)]) == ["b", "a"]


def test_what_was_found_twice_counts_once_as_the_better_one() -> None:
    found = by_conversation([_passage("a", 0, 0.4), _passage("a", 0, 0.7), _passage("a", 1, 0.5)], [])
    assert [(match.number, match.score) for match in found["a"]] == [(0, 0.7), (1, 0.5)]


def test_passages_are_the_best_of_all_conversations_together() -> None:
    many = [_passage("a", number, 0.9 - number / 1000) for number in range(MOST_PASSAGES + 5)]
    ranked = rank(by_conversation([*many, _passage("b", 0, 0.1)], []), period=None, only_then=False)
    assert [len(each.passages) for each in ranked] == [MOST_PASSAGES, 0]
    assert [match.number for match in ranked[0].passages] == list(range(MOST_PASSAGES))


def test_without_a_year_the_last_that_anything_is_known_of_is_meant() -> None:
    passages = [_passage("may", 0, 0.4, -730), _passage("older", 0, 0.45, -1095), _passage("later", 0, 0.5, -400)]
    assert _order(passages, [], period=NOON_DAY)[0] == "later"
    every_year = replace(NOON_DAY, any_year=True)
    assert _order(passages, [], period=every_year) == ["may", "later", "older"]
    assert _order([*passages[:2], _passage("later", 0, 0.5)], [], period=every_year)[0] == "later"
    assert _order(passages[2:], [], period=every_year) == ["later"]


def test_a_time_prefers_and_hides_nothing() -> None:
    passages = [_passage("then", 0, 0.4), _passage("later", 0, 0.4, 2), _passage("other", 0, 0.45, 40)]
    assert _order(passages, [], period=NOON_DAY) == ["then", "later", "other"]
    strong = [*passages[:2], _passage("other", 0, 0.9, 40)]
    assert _order(strong, [], period=NOON_DAY)[0] == "other"


def test_what_does_not_say_when_it_was_is_preferred_by_no_time() -> None:
    passages = [_passage("then", 0, 0.4), replace(_passage("whenever", 0, 0.45), began=None)]
    assert _order(passages, [], period=NOON_DAY) == ["then", "whenever"]


def test_where_only_a_time_is_asked_for_other_times_are_left_out_if_there_is_any_of_it() -> None:
    passages = [_passage("then", 0, 0.1), _passage("other", 0, 0.9, 40)]
    assert _order(passages, [], period=NOON_DAY, only_then=True) == ["then"]
    assert _order(passages[1:], [], period=NOON_DAY, only_then=True) == ["other"]
