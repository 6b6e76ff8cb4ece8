"""People as other versions have stored them can be read."""

import pytest
from google.cloud.firestore_v1.vector import Vector

from common.models.person import Person, name_key


def test_a_document_with_nothing_but_nulls_is_a_person() -> None:
    nulls = dict.fromkeys(Person.model_fields)
    person = Person.model_validate({**nulls, "id": "p1", "deleted": None})
    assert (person.name, person.speech_samples, person.speech_samples_version) == ("", [], 3)
    assert person.created_at.tzinfo is not None


def test_a_voice_may_be_stored_as_a_vector() -> None:
    assert Person.model_validate({"id": "p1", "speaker_embedding": Vector([0.5, 1.0])}).speaker_embedding == [0.5, 1.0]


@pytest.mark.parametrize("name", ["Ann", " ann", "ANN "])
def test_spellings_of_one_name_are_the_same(name: str) -> None:
    assert name_key(name) == "ann"


def test_letters_that_only_look_different_in_capitals_are_the_same() -> None:
    assert name_key("Strauß") == name_key("STRAUSS")
