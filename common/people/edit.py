"""What a user does to people."""

from collections.abc import Collection
from contextlib import suppress

from common.core import deletions
from common.core.deletions import Deletion
from common.core.errors import NotFoundError
from common.database import deleted_people, media, people, tasks
from common.models.events import ForgetPerson
from common.models.person import Person
from common.people.samples import without_sample
from common.people.voices import person_prefix


def delete_person(*, uid: str, person_id: str) -> None:
    """Delete a person and every recording of theirs. What they said stays, said by somebody unknown.

    Their id follows from wherever it stands in conversations, step by step.

    Raises:
        NotFoundError: there is no such person.
    """
    person = people.of(uid=uid).get(person_id)
    recordings = person_prefix(uid=uid, person_id=person.id)
    media.delete_below(recordings)
    deleted = deleted_people.delete(person, uid=uid)
    deletions.tell(Deletion.PERSON, person.id, uid=uid)
    people.note_change(uid=uid)
    media.delete_below(recordings)  # whoever was learning the voice meanwhile may have stored one more
    # Last: the sweep asks for it, too, should this end before.
    tasks.enqueue_forgetting(ForgetPerson(uid=uid, person_id=person.id, deleted_at=deleted.deleted_at), step=0)


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


def forget_samples(conversation_ids: Collection[str], *, uid: str) -> int:
    """Delete what was cut out of conversations to know people's voices by; how many recordings that were."""
    forgotten = 0
    for person in people.list_all(uid=uid):
        prefix = person_prefix(uid=uid, person_id=person.id)
        for path in {f"{prefix}{each}.wav" for each in conversation_ids} & set(person.speech_samples):
            forgotten += withdraw_sample(path, uid=uid, person_id=person.id)
    return forgotten


def withdraw_sample(path: str, *, uid: str, person_id: str) -> bool:
    """Delete one of a person's recordings by its path, and what it told about the voice; whether there was any."""
    removed: list[str] = []

    def without(person: Person) -> Person | None:
        removed[:] = [path] if path in person.speech_samples else []
        return without_sample(person, person.speech_samples.index(path)) if removed else None

    with suppress(NotFoundError):
        people.of(uid=uid).change(person_id, without)
        people.note_change(uid=uid)
    media.delete(path)
    return bool(removed)
