"""Whether something lasts is judged by the nearest examples, whatever encoder compares."""

from collections.abc import Callable, Sequence

import pytest

from common.llm.first_person import FirstPersonRememberer
from common.llm.lasting import LastingJudge
from common.llm.lasting_examples import LASTING
from common.llm.passing_examples import PASSING
from common.llm.ports import Background, Dialogue, Purpose
from tests.unit.llm.conftest import BagOfWords

Build = Callable[..., Dialogue]


class Counting(BagOfWords):
    """Notes how many texts it was asked for each time."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        self.asked.append(len(texts))
        return super().embed(texts, purpose=purpose)


class Leaning(BagOfWords):
    """Knows the lasting examples, and whatever is said of roses, and has them lean one way; `drift` moves all alike."""

    def __init__(self, drift: float = 0.0) -> None:
        self._drift = drift

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        leans = [2.0 if text in LASTING or "roses" in text else 0.0 for text in texts]
        return [
            [self._drift, lean, *row] for lean, row in zip(leans, super().embed(texts, purpose=purpose), strict=True)
        ]


def test_the_examples_are_of_one_kind_each_and_many() -> None:
    assert len(set(LASTING)) == len(LASTING) >= 200
    assert len(set(PASSING)) == len(PASSING) >= 200
    assert not set(LASTING) & set(PASSING)
    assert all(each == each.strip() and each for each in (*LASTING, *PASSING))


def test_of_the_passing_examples_next_to_none_lasts_and_of_the_lasting_most_do() -> None:
    judge = LastingJudge(Leaning())
    assert sum(margin > 0 for margin in judge.judge(PASSING)) < len(PASSING) * 0.03
    assert sum(margin > 0 for margin in judge.judge(LASTING)) > len(LASTING) * 0.9


@pytest.mark.parametrize("drift", [1.0, 5.0])
def test_an_encoder_whose_vectors_all_point_one_way_judges_no_other_way(drift: float) -> None:
    said = ["I water the roses.", "I shear sheep.", "My late wife planted the roses."]
    assert LastingJudge(Leaning(drift)).judge(said) == pytest.approx(LastingJudge(Leaning()).judge(said))


def test_the_examples_are_embedded_once_and_only_when_something_is_judged() -> None:
    encoder = Counting()
    judge = LastingJudge(encoder)
    assert judge.judge([]) == []
    assert encoder.asked == []
    first, again = judge.judge(["I shear sheep."]), judge.judge(["I shear sheep."])
    assert first == again
    assert encoder.asked == [len(LASTING) + len(PASSING), 1, 1]


def test_what_has_no_form_becomes_a_fact_where_it_is_said_as_lasting_things_are(dialogue: Build) -> None:
    said = dialogue("User: My late wife planted the roses.", "User: My left shoe fell off the boat.")
    assert FirstPersonRememberer().remember(said, Background("Ann")) == []
    [fact] = FirstPersonRememberer(LastingJudge(Leaning())).remember(said, Background("Ann"))
    assert (fact.content, fact.turns) == ("Ann's late wife planted the roses", (0,))


def test_nobody_is_asked_where_the_forms_have_found_enough(dialogue: Build) -> None:
    encoder = Counting()
    said = dialogue("User: I live in Oslo.", "User: I'm a dentist.", "User: My late wife planted the roses.")
    facts = FirstPersonRememberer(LastingJudge(encoder)).remember(said, Background("Ann"))
    assert len(facts) == 2
    assert encoder.asked == []


def test_of_hours_only_so_much_is_judged(dialogue: Build) -> None:
    encoder = Counting()
    said = dialogue(*(f"User: My late wife planted rose number {number}." for number in range(300)))
    FirstPersonRememberer(LastingJudge(encoder)).remember(said, Background("Ann"))
    assert encoder.asked == [len(LASTING) + len(PASSING), 400]


def test_what_others_say_and_what_is_asked_is_not_judged(dialogue: Build) -> None:
    encoder = Counting()
    said = dialogue("Speaker 1: My late wife planted the roses.", "User: Should my late wife have planted the roses?")
    assert FirstPersonRememberer(LastingJudge(encoder)).remember(said, Background("Ann")) == []
    assert encoder.asked == []
