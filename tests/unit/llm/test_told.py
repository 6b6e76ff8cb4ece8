"""Of what people tell of themselves most is heard without a model, and of what passes next to nothing."""

from collections.abc import Iterable

from bench import scoring
from bench.quality import FACT_SHARE
from common.llm.first_person import FirstPersonRememberer
from common.llm.ports import Background
from tests.support.told import Told, passing_sentences, told_dialogues, told_sentences


def _scored(group: Iterable[Told]) -> tuple[float, float]:
    """Precision and recall."""
    right = said = wanted = 0
    for each in group:
        facts = [fact.content for fact in FirstPersonRememberer().remember(each.dialogue, Background())]
        right += len(scoring.matches(each.memories, facts, share=FACT_SHARE))
        said += len(facts)
        wanted += len(each.memories)
    return right / said, right / wanted


def test_of_sentences_that_tell_a_fact_most_are_heard() -> None:
    precision, recall = _scored(told_sentences())
    assert precision > 0.85
    assert recall > 0.8


def test_of_dialogues_more_than_half_of_what_is_found_is_right() -> None:
    precision, recall = _scored(told_dialogues())
    assert precision > 0.6
    assert recall > 0.45


def test_of_sentences_that_pass_next_to_none_becomes_a_fact() -> None:
    group = list(passing_sentences())
    found = [each for each in group if FirstPersonRememberer().remember(each.dialogue, Background())]
    assert len(group) > 100
    assert len(found) <= len(group) // 20
