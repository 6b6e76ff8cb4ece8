"""What a user does to people."""

from common.core import clock
from common.core.errors import NotFoundError
from common.database import media, people
from common.models.person import Person
from common.people.voices import person_prefix


def delete_person(*, uid: str, person_id: str) -> None:
    """Delete a person and every recording of theirs. What they said stays, said by somebody unknown.

    Raises:
        NotFoundError: there is no such person.
    """
    person = people.of(uid=uid).get(person_id)
    media.delete_below(person_prefix(uid=uid, person_id=person.id))
    people.of(uid=uid).delete(person.id)


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
        samples = person.speech_samples[:index] + person.speech_samples[index + 1 :]
        transcripts = person.speech_sample_transcripts
        return person.model_copy(
            update={
                "speech_samples": samples,
                "speech_sample_transcripts": transcripts and transcripts[:index] + transcripts[index + 1 :],
                "speaker_embedding": person.speaker_embedding if samples else None,
                "updated_at": clock.now(),
            }
        )

    person = people.of(uid=uid).change(person_id, without)
    # What another person's, or another user's, document may name is not ours to delete.
    if removed[0].startswith(person_prefix(uid=uid, person_id=person_id)):
        media.delete(removed[0])
    return person
