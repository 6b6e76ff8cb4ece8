"""What understanding is scored with makes sense itself: two like halves, labels that what was said supports."""

from collections import Counter

import pytest

from common.llm.words import words
from tests.data.long_dialogues import long_dialogues
from tests.support.dialogues import AUTHORS, Labelled, labelled_dialogues

ALL = list(labelled_dialogues())
OF_OTHERS = [each for author in AUTHORS[1:] for each in labelled_dialogues(author)]


def _count(half: str, *, english: bool) -> int:
    return sum(each.half == half and (each.language == "en") == english for each in ALL)


def test_there_are_enough_and_as_many_in_both_halves() -> None:
    assert _count("dev", english=True) == _count("held_out", english=True) >= 32
    assert _count("dev", english=False) == _count("held_out", english=False) >= 8
    assert len({each.language for each in ALL}) >= 9


@pytest.mark.parametrize("half", ["dev", "held_out"])
def test_each_half_has_trivial_ones_long_ones_and_many_categories(half: str) -> None:
    mine = [each for each in ALL if each.half == half and each.language == "en"]
    assert sum(each.discard for each in mine) >= 4
    assert sum(len(each.dialogue.turns) == 1 for each in mine) >= 2
    assert max(each.dialogue.turns[-1].end for each in mine) > 3 * 3600
    categories = Counter(each.category for each in mine if not each.discard)
    assert len(categories) >= 15
    assert max(categories.values()) <= 6


@pytest.mark.parametrize("author", AUTHORS[1:])
def test_each_other_author_is_of_one_half_and_writes_of_many_things(author: int) -> None:
    mine = list(labelled_dialogues(author))
    assert len(mine) >= 40
    assert len({each.half for each in mine}) == 1
    assert sum(each.discard for each in mine) >= 5
    categories = Counter(each.category for each in mine if not each.discard)
    assert len(categories) >= 25
    assert max(categories.values()) <= 4


def test_the_author_that_is_only_scored_is_held_out() -> None:
    assert {each.half for each in labelled_dialogues(3)} == {"held_out"}


@pytest.mark.parametrize("each", ALL + OF_OTHERS, ids=lambda each: each.name)
def test_labels_fit_what_was_said(each: Labelled) -> None:
    assert all(turn.text and turn.speaker for turn in each.dialogue.turns)
    assert any(turn.is_user for turn in each.dialogue.turns)
    labels = (each.overview, each.tasks, each.events, each.memories)
    assert not any(labels) if each.discard else each.overview
    began = each.dialogue.started_at
    assert all(task.due is None or task.due >= began.date() for task in each.tasks)
    assert all(start > began for _, start in each.events)
    assert all(len(words(fact)) <= 15 for fact in each.memories)
    assert all(len(words(task.text)) <= 15 for task in each.tasks)


def test_long_ones_are_the_same_every_time_and_say_what_their_labels_say() -> None:
    first, second = long_dialogues(), long_dialogues()
    assert first == second
    for fields in first.values():
        said = set(words(fields["dialogue"].lower()))
        for task in fields["action_items"]:
            known = [word for word in words(task["text"].lower()) if word in said]
            assert len(known) >= len(words(task["text"])) - 1
