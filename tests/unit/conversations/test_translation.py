"""What is to be translated."""

import pytest

from common.conversations.translation import as_translated, is_foreign
from common.models.segment import Translation
from tests.support.making import a_segment


@pytest.mark.parametrize(
    ("heard", "spoken", "to", "foreign"),
    [
        ("es", "multi", "en", True),
        ("en", "multi", "en", False),
        ("en-GB", "multi", "en-US", False),
        ("en_gb", "multi", "EN", False),
        ("zh-TW", "multi", "zh", False),
        ("nb", "multi", "no", False),
        ("no-NO", "multi", "nb", False),
        ("cmn-Hans-CN", "multi", "zh", False),
        ("cmn", "multi", "zh-TW", False),
        ("iw-IL", "multi", "he", False),
        ("he", "multi", "iw", False),
        ("tl", "multi", "fil", False),
        ("yue-Hant-HK", "multi", "zh", True),
        ("pt", "multi", "es", True),
        (None, "multi", "en", False),
        (None, "es", "en", True),
        (None, "en-AU", "en", False),
        ("es", "en", "en", True),
        ("en", "es", "en", False),
    ],
)
def test_only_what_is_known_to_be_in_another_language_is(
    heard: str | None, spoken: str, to: str, *, foreign: bool
) -> None:
    assert is_foreign(a_segment("Hola", 0, 1, language=heard), spoken=spoken, to=to) is foreign


@pytest.mark.parametrize("text", ["", "  ", "12 345", "…"])
def test_what_has_no_words_is_not(text: str) -> None:
    assert not is_foreign(a_segment(text, 0, 1, language="es"), spoken="multi", to="en")


def test_what_is_translated_is_not_translated_again() -> None:
    segment = a_segment("Hola", 0, 1, language="es", translations=[Translation(lang="en", text="Hello")])
    assert not is_foreign(segment, spoken="multi", to="en")
    assert is_foreign(segment, spoken="multi", to="fr")


def test_a_translation_is_that_of_the_very_same_words() -> None:
    segment = a_segment("Hola", 0, 1, id="s1", person_id="anna")
    translated = a_segment("Hola", 0, 1, id="s1", translations=[Translation(lang="en", text="Hello")])
    change = as_translated([translated])
    assert change(segment) == segment.model_copy(update={"translations": translated.translations})
    for other in (segment.model_copy(update={"text": "Hola, Ana"}), segment.model_copy(update={"id": "s2"})):
        assert change(other) is other
