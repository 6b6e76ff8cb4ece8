"""What a sentence means says whether it lasts; its form says so too, and together they choose what becomes a fact."""

from collections.abc import Callable, Sequence

import pytest

from common.core.errors import ProviderError
from common.llm import providers
from common.llm.first_person import FirstPersonRememberer
from common.llm.lasting import BAR, LastingJudge
from common.llm.ports import Background, Dialogue, Purpose

Build = Callable[..., Dialogue]
ANN = Background("Ann")


class Leaning:
    """Has whatever is said of roses mean what lasts, whatever is said of shoes what passes, and all else nothing."""

    name = "leaning"
    dimension = providers.LOCAL_DIMENSION

    def __init__(self) -> None:
        weights = LastingJudge(self)._weights
        self._lasting = (weights / float((weights**2).sum()) ** 0.5).tolist()
        self.asked: list[int] = []

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        del purpose
        self.asked.append(len(texts))
        return [[self._lean(text) * value for value in self._lasting] for text in texts]

    def _lean(self, text: str) -> int:
        return text.count("rose") - text.count("shoe")


class Unreachable(Leaning):
    """Cannot be asked."""

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:  # noqa: ARG002 - the port has it
        raise ProviderError("no answer")


def test_there_is_a_weight_for_each_value_of_the_encoders_vectors_and_a_constant() -> None:
    judge = LastingJudge(Leaning())
    assert len(judge._weights) == providers.LOCAL_DIMENSION
    assert judge.encoder == providers.LOCAL_ENCODER


def test_what_means_nothing_is_judged_by_the_constant_and_what_leans_by_how_far() -> None:
    judge = LastingJudge(Leaning())
    nothing, lasting, passing = judge.judge(["Hm.", "My rose.", "My shoe."])
    assert nothing == pytest.approx(judge._constant - BAR)
    assert lasting - nothing == pytest.approx(nothing - passing)
    assert lasting > 0 > passing


def test_where_there_is_nothing_to_judge_nobody_is_asked() -> None:
    encoder = Leaning()
    assert LastingJudge(encoder).judge([]) == []
    assert encoder.asked == []


def test_what_has_no_form_becomes_a_fact_where_it_is_said_as_lasting_things_are(dialogue: Build) -> None:
    said = dialogue("User: My late wife planted the roses.", "User: My left shoe fell off the boat.")
    assert FirstPersonRememberer().remember(said, ANN) == []
    [fact] = FirstPersonRememberer(LastingJudge(Leaning())).remember(said, ANN)
    assert (fact.content, fact.turns) == ("Ann's late wife planted the roses", (0,))


def test_what_has_a_form_is_none_where_it_is_said_of_a_moment(dialogue: Build) -> None:
    said = dialogue("User: I have a shoe.", "User: I have a rose garden.")
    forms = [fact.content for fact in FirstPersonRememberer().remember(said, ANN)]
    judged = [fact.content for fact in FirstPersonRememberer(LastingJudge(Leaning())).remember(said, ANN)]
    assert "Ann has a rose garden" in forms
    assert judged == ["Ann has a rose garden"]


def test_of_a_sentence_that_has_a_form_only_that_is_told(dialogue: Build) -> None:
    said = dialogue("User: I'm a dentist and my late wife planted the roses.")
    [fact] = FirstPersonRememberer(LastingJudge(Leaning())).remember(said, ANN)
    assert fact.content == "Ann is a dentist"


def test_the_surest_come_first_and_no_more_than_may_be_told(dialogue: Build) -> None:
    said = dialogue("User: My late wife planted a rose.", "User: My late wife planted a rose behind the rose shed.")
    facts = FirstPersonRememberer(LastingJudge(Leaning())).remember(said, Background("Ann", most_facts=1))
    assert [fact.content for fact in facts] == ["Ann's late wife planted a rose behind the rose shed"]


def test_of_hours_only_so_much_is_judged_and_in_one_go(dialogue: Build) -> None:
    encoder = Leaning()
    said = dialogue(*(f"User: My late wife planted rose number {number}." for number in range(300)))
    FirstPersonRememberer(LastingJudge(encoder)).remember(said, ANN)
    assert encoder.asked == [400]  # 200 sentences, and what each would be told as


def test_of_hours_the_weightiest_forms_are_judged(dialogue: Build) -> None:
    encoder = Leaning()
    weak = (f"User: I like rose number {number}." for number in range(500))
    said = dialogue(*weak, "User: I live in Lisbon with a rose.")
    facts = FirstPersonRememberer(LastingJudge(encoder)).remember(said, Background("Ann", most_facts=300))
    [asked] = encoder.asked
    assert asked <= 2 * (200 + 200)
    assert "Ann lives in Lisbon with a rose" in [fact.content for fact in facts]


def test_what_others_say_and_what_is_asked_is_not_judged(dialogue: Build) -> None:
    encoder = Leaning()
    said = dialogue("Speaker 1: My late wife planted the roses.", "User: Should my late wife have planted the roses?")
    assert FirstPersonRememberer(LastingJudge(encoder)).remember(said, ANN) == []
    assert encoder.asked == []


def test_an_encoder_that_fails_is_not_taken_for_one_that_found_nothing(dialogue: Build) -> None:
    with pytest.raises(ProviderError):
        FirstPersonRememberer(LastingJudge(Unreachable())).remember(dialogue("User: I'm a dentist."), ANN)
