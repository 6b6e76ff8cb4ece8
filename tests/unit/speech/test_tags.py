import pytest

from common.speech import deepgram, soniox, speechmatics
from common.speech.tags import bounded_terms, listed


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("en", "en"),
        ("EN_gb", "en-GB"),
        ("en-ZA", "en"),
        ("de-CH", "de-CH"),
        ("nb-NO", "no"),
        ("fil", "tl"),
    ],
)
def test_a_language_is_found_by_its_exact_tag_or_without_its_region(language: str, tag: str) -> None:
    assert listed(language, {"en", "en-GB", "de-CH", "no", "tl"}) == tag


@pytest.mark.parametrize("language", ["", "x", "tlh", "multi", "de", "english"])
def test_a_language_that_is_not_listed_is_not_found(language: str) -> None:
    assert listed(language, {"en", "de-CH"}) is None


def test_whatever_is_spoken_is_understood_where_there_is_a_model_for_it() -> None:
    assert [each.understands("multi") for each in (deepgram, soniox, speechmatics)] == [True, True, False]
    assert [each.understands("zh-TW") for each in (deepgram, soniox, speechmatics)] == [True, True, True]
    assert [each.understands("eo") for each in (deepgram, soniox, speechmatics)] == [False, False, True]


def test_terms_are_bounded_in_number_and_bytes() -> None:
    assert bounded_terms(["a", " b  c ", "a", "", "d"], most=2, bytes_in_all=100) == ["a", "b c"]
    assert bounded_terms(["Käse", "Brot"], most=9, bytes_in_all=5) == ["Käse"]
