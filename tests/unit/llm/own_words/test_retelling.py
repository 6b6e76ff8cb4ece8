"""What has no known form is told of the user as they put it, if it is understood alone."""

import pytest

from common.llm.own_words.retelling import retold
from common.llm.own_words.statements import unheard


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I shear sheep.", "Ann shears sheep"),
        ("Well, I'm forty and I was born at sea.", "Ann is forty and they were born at sea"),
        ("Milo and I aren't together any more.", "Milo and Ann are not together any more"),
        ("My parents had it until I was seventeen.", "Ann's parents had it until they were seventeen"),
        ("They operated on my sister, me and our dog.", "They operated on Ann's sister, them and their dog"),
        ("I fly to my sister's in Toronto.", "Ann flies to their sister's in Toronto"),
        ("But I quit the bank.", "Ann quit the bank"),
        ("I always, always", "Ann always, always"),
        ("The house is mine", ""),
        ("Nobody knows", ""),
        ("", ""),
    ],
)
def test_a_sentence_is_told_of_its_speaker_who_is_named_once(said: str, told: str) -> None:
    assert retold(said, user="Ann") == told


@pytest.mark.parametrize(
    ("said", "contents"),
    [
        ("My grandmother went blind from glaucoma.", ["Ann's grandmother went blind from glaucoma"] * 2),
        ("I live in Oslo.", ["Ann lives in Oslo"]),
        ("No, well, I mean, since the flood I use a stick.", ["Since the flood Ann uses a stick"]),
        ("I'm a Yoruba man, so there will be two of everything.", ["Ann is a Yoruba man"]),
        ("I shear it.", []),
        ("I have to shear sheep in May.", []),
        ("Maybe I shear sheep.", []),
        ("Do I know the owner?", []),
        ("I know.", []),
        ("Nobody sheared them.", []),
        ('He said, "I stole the painting."', []),
    ],
)
def test_a_sentence_is_offered_whole_and_in_parts_that_have_no_form_if_it_is_understood_alone(
    said: str, contents: list[str]
) -> None:
    assert list(unheard(said, user="Ann")) == contents


def test_of_a_long_sentence_only_the_clause_is_told() -> None:
    said = (
        "The whole village was at the station that evening with torches and a band, and my grandmother played the tuba"
    )
    assert list(unheard(said, user="Ann")) == ["Ann's grandmother played the tuba"]
