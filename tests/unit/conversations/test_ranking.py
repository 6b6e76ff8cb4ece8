"""Which conversations answer a question, and with which passages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from common.conversations.ranking import MOST_PASSAGES, by_conversation, rank
from common.database.conversation_outlines import Outline
from common.database.vectors import Match
from common.indexing.periods import Period
from tests.support.making import NOON


def _passage(conversation: str, number: int, score: float) -> Match:
    return Match(id=f"{conversation}-{number}", document_id=conversation, score=score, number=number)


def _summary(conversation: str, score: float) -> Match:
    return Match(id=conversation, document_id=conversation, score=score)


def _outlines(**days: float) -> dict[str, Outline]:
    return {name: _outline(name, NOON + timedelta(days=day)) for name, day in days.items()}


def _outline(name: str, started_at: datetime) -> Outline:
    return Outline(id=name, findable=True, discarded=False, created_at=NOON, started_at=started_at)


def _order(passages: list[Match], summaries: list[Match], outlines: dict[str, Outline], **when: Any) -> list[str]:
    ranked = rank(by_conversation(passages, summaries), outlines, **{"period": None, "only_then": False, **when})
    return [each.conversation_id for each in ranked]


NOON_DAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12), "today")


def test_a_conversation_is_as_good_as_the_best_of_it() -> None:
    passages = [_passage("a", 0, 0.4), _passage("b", 0, 0.5)]
    assert _order(passages, [_summary("a", 0.6)], _outlines(a=0, b=0)) == ["a", "b"]
    assert _order(passages, [_summary("a", 0.1)], _outlines(a=0, b=0)) == ["b", "a"]


def test_what_was_found_twice_counts_once_as_the_better_one() -> None:
    found = by_conversation([_passage("a", 0, 0.4), _passage("a", 0, 0.7), _passage("a", 1, 0.5)], [])
    assert [(match.number, match.score) for match in found["a"]] == [(0, 0.7), (1, 0.5)]


def test_passages_are_the_best_of_all_conversations_together() -> None:
    many = [_passage("a", number, 0.9 - number / 1000) for number in range(MOST_PASSAGES + 5)]
    ranked = rank(
        by_conversation([*many, _passage("b", 0, 0.1)], []), _outlines(a=0, b=0), period=None, only_then=False
    )
    assert [len(each.passages) for each in ranked] == [MOST_PASSAGES, 0]
    assert [match.number for match in ranked[0].passages] == list(range(MOST_PASSAGES))


def test_without_a_year_the_last_that_anything_is_known_of_is_meant() -> None:
    passages = [_passage("may", 0, 0.4), _passage("older", 0, 0.45), _passage("later", 0, 0.5)]
    spoken = {"may": -730, "older": -1095, "later": -400}
    assert _order(passages, [], _outlines(**spoken), period=NOON_DAY)[0] == "later"
    every_year = replace(NOON_DAY, any_year=True)
    assert _order(passages, [], _outlines(**spoken), period=every_year) == ["may", "later", "older"]
    assert _order(passages, [], _outlines(may=-730, older=-1095, later=0), period=every_year)[0] == "later"
    assert _order(passages, [], _outlines(later=-400), period=every_year) == ["later"]


def test_what_must_not_be_found_is_not() -> None:
    assert _order([_passage("a", 0, 0.9), _passage("gone", 0, 0.8)], [], _outlines(a=0)) == ["a"]


def test_a_time_prefers_and_hides_nothing() -> None:
    passages = [_passage("then", 0, 0.4), _passage("later", 0, 0.4), _passage("other", 0, 0.45)]
    outlines = _outlines(then=0, later=2, other=40)
    assert _order(passages, [], outlines, period=NOON_DAY) == ["then", "later", "other"]
    strong = [*passages[:2], _passage("other", 0, 0.9)]
    assert _order(strong, [], outlines, period=NOON_DAY)[0] == "other"


def test_where_only_a_time_is_asked_for_other_times_are_left_out_if_there_is_any_of_it() -> None:
    passages = [_passage("then", 0, 0.1), _passage("other", 0, 0.9)]
    assert _order(passages, [], _outlines(then=0, other=40), period=NOON_DAY, only_then=True) == ["then"]
    assert _order(passages[1:], [], _outlines(other=40), period=NOON_DAY, only_then=True) == ["other"]
