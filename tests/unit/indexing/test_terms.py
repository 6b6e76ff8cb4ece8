"""The terms that a text is found by."""

import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.indexing import terms
from common.indexing.terms import guess_language, terms_of, terms_of_question, words_of
from common.llm.words import words


def _shared(text: str, question: str, language: str | None = None) -> int:
    return len(set(terms_of(text, language=language)) & set(terms_of_question(question, languages=[language])))


@pytest.mark.parametrize(
    ("text", "question", "language"),
    [
        ("We were signing leases.", "the signed lease", "en"),
        ("Wir haben die Verträge unterschrieben", "Vertrag", "de-DE"),
        ("Las casas eran caras", "una casa cara", "es"),
        ("les chevaux mangeaient", "le cheval mangeait", "fr"),
        ("Ik heb de boeken gelezen", "het boek", "nl"),
    ],
)
def test_forms_of_a_word_are_one_term(text: str, question: str, language: str) -> None:
    assert _shared(text, question, language) >= 1


@pytest.mark.parametrize("text", ["4471", "NX-2000", "10:30", "4,5", "Śliwa", "O'Brien", "東京タワー", "Zoë's"])
def test_numbers_codes_and_names_are_found(text: str) -> None:
    assert _shared(f"It was {text}.", f"about {text}?") >= 1


def test_the_smallest_words_are_no_terms() -> None:
    assert terms_of("It was the, and that is to be.", language="en") == []
    assert terms_of("das ist es", language="de") == []


def test_an_accent_or_a_capital_makes_no_difference() -> None:
    assert terms_of("CAFÉ", language="fr") == terms_of("café", language="fr")
    assert list(words_of("Don\u2019t Zoe\u2019s")) == ["don't", "zoe"]


@pytest.mark.parametrize(
    "word", ["परियोजना", "चर्चा", "தமிழ்", "বাংলা", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "မြန်မာ", "ភាសាខ្មែរ", "مُحَمَّد", "שָׁלוֹם"]
)
def test_a_word_is_whole_with_the_signs_that_stand_on_its_letters(word: str) -> None:
    assert list(words_of(f"{word}, {word}।")) == [word, word]
    assert words(f"{word}।") == [word]


def test_another_vowel_is_another_word_where_vowels_are_signs_and_not_where_they_may_be_left_out() -> None:
    assert terms_of("कल", language="hi") != terms_of("कुल", language="hi")
    assert terms_of("ที่", language="th") != terms_of("ทุ", language="th")
    assert terms_of("مُحَمَّد", language="ar") == terms_of("محمد", language="ar")


def test_each_term_of_a_question_counts_once() -> None:
    assert len(terms_of_question("dog dog dogs", languages=[])) == 1


def test_a_question_has_the_stems_of_its_own_language_too() -> None:
    question = "Wann haben wir die Häuser gekauft?"
    assert guess_language(question) == "de"
    assert set(terms_of("Häuser", language="de")) & set(terms_of_question(question, languages=["en"]))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is the dog that you had", "en"),
        ("où est le chien que nous avons vu", "fr"),
        ("dónde está el perro que yo tengo", "es"),
        ("Lisbon", None),
        ("", None),
    ],
)
def test_the_language_shows_in_small_words(text: str, language: str | None) -> None:
    assert guess_language(text) == language


@given(st.text(max_size=200))
def test_terms_are_unsigned_32_bit_numbers_whatever_the_text(text: str) -> None:
    assert all(0 <= term < 2**32 for term in terms_of(text, language="en"))
    assert all(0 <= term < 2**32 for term in terms_of_question(text, languages=["zz", None]))


def test_threads_that_look_for_terms_at_the_same_time_find_those_of_each_word() -> None:
    chance = random.Random(7)  # noqa: S311 - the same every time
    endings = ["ing", "ness", "ational", "fulness", "ement", "ies", "ousli", "ically", "izers"]
    made = ["".join(chance.choices("bcdfglmnprstaeiou", k=7)) + chance.choice(endings) for _ in range(2000)]
    before, expected = sys.getswitchinterval(), [terms_of(word, language="en") for word in made]
    terms._term.cache_clear()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda word: terms_of(word, language="en"), made, chunksize=1))
    finally:
        sys.setswitchinterval(before)
        terms._term.cache_clear()
    assert found == expected
