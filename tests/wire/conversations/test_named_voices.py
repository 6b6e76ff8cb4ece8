"""Whose words they are when a transcript is put together: of people who are there."""

import pytest

from common.conversations.labels import AUTO, CARRIED, MANUAL
from common.conversations.named_voices import with_names
from common.conversations.speakers import load_names
from common.database import conversations, heard_voices, people
from common.database.heard_voices import HeardVoice
from common.models.conversation_views import DeveloperSegment
from common.models.voiceprint import Voiceprint
from common.people.edit import delete_person
from tests.support.making import a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")


def _remembered(uid: str, number: int, person_id: str) -> None:
    heard = HeardVoice(
        id=heard_voices.document_id(number),
        number=number,
        voice=Voiceprint(model="m", values=[1.0]),
        seconds=9,
        person_id=person_id,
        source=AUTO,
    )
    heard_voices.of(uid=uid, conversation_id="c1").put(heard)


def test_what_a_voice_has_said_is_its_persons_unless_that_was_deleted(uid: str) -> None:
    ann, tom = (people.get_or_create(uid=uid, name=name).id for name in ("Ann", "Tom"))
    _remembered(uid, 0, ann)
    _remembered(uid, 1, tom)
    delete_person(uid=uid, person_id=tom)
    said = [a_segment("words", at, at + 1, speaker_id=at % 2) for at in range(4)]
    named = with_names(said, uid=uid, conversation_id="c1")
    assert [each.person_id for each in named] == [ann, None, ann, None]


@pytest.mark.parametrize("source", [AUTO, CARRIED, MANUAL])
def test_who_was_deleted_while_it_was_live_is_somebody_unknown_and_others_stay(uid: str, source: str) -> None:
    ann, tom = (people.get_or_create(uid=uid, name=name).id for name in ("Ann", "Tom"))
    said = [
        a_segment("hers", 0, 1, person_id=ann, speaker_label_source=source),
        a_segment("his", 1, 2, speaker_id=1, person_id=tom, speaker_label_source=source),
        a_segment("mine", 2, 3, is_user=True, speaker_label_source=source),
        a_segment("a program's", 3, 4, person_id="an id of its own"),
    ]
    delete_person(uid=uid, person_id=tom)
    named = with_names(said, uid=uid, conversation_id="c1")
    assert [(each.person_id, each.is_user) for each in named] == [
        (ann, False),
        (None, False),
        (None, True),
        ("an id of its own", False),
    ]
    assert [each.speaker_label_source for each in named] == [source, None, source, None]


def test_programs_are_shown_nobody_who_was_deleted(uid: str) -> None:
    ann = people.get_or_create(uid=uid, name="Ann").id
    segments = [
        a_segment("hers", 0, 1, speaker_id=3, person_id=ann, speaker_label_source=MANUAL),
        a_segment("a program's", 1, 2, speaker_id=4, person_id="an id of its own"),
    ]
    conversation = conversations.create(a_conversation(transcript_segments=segments), uid=uid)

    def shown() -> list[tuple[str, str | None]]:
        names = load_names([conversation], uid=uid)
        return [(each.speaker_name, each.person_id) for each in names.segments(conversation, as_=DeveloperSegment)]

    assert shown() == [("Ann", ann), ("Speaker 4", "an id of its own")]
    delete_person(uid=uid, person_id=ann)
    assert shown() == [("Speaker 3", None), ("Speaker 4", "an id of its own")]
