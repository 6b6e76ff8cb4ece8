"""What a user does to people."""

from common.core.errors import NotFoundError
from common.database import media, people
from common.models.person import Person
from common.people.samples import without_sample
from common.people.voices import person_prefix


def delete_person(*, uid: str, person_id: str) -> None:
    """Delete a person and every recording of theirs. What they said stays, said by somebody unknown.

    Raises:
        NotFoundError: there is no such person.
    """
    person = people.of(uid=uid).get(person_id)
    media.delete_below(person_prefix(uid=uid, person_id=person.id))
    people.of(uid=uid).delete(person.id)
    people.note_change(uid=uid)


def delete_sample(*, uid: str, person_id: str, index: int) -> Person:
    """Delete one of a person's recordings; with the last one their voice is not known any more.

    Raises:
        NotFoundError: there is no such person or recording.
    """
    removed: list[str] = []

    def without(person: Person) -> Person:
        if index >= len(person.speech_samples):
            raise NotFoundError("Speech sample not found")
        removed[:] = [person.speech_samples[index]]
        return without_sample(person, index)

    person = people.of(uid=uid).change(person_id, without)
    people.note_change(uid=uid)
    # What another person's, or another user's, document may name is not ours to delete.
    if removed[0].startswith(person_prefix(uid=uid, person_id=person_id)):
        media.delete(removed[0])
    return person
