"""Nothing in a user's conversations says any more that somebody who was deleted has said it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from common.accounts.export import export_account
from common.conversations import forget_person as forgetting
from common.conversations.create import create_from_segments
from common.conversations.forget_person import forget_person, resume_forgetting
from common.conversations.labels import AUTO, MANUAL
from common.conversations.structure import structure_conversation
from common.core import clock
from common.core.errors import NotFoundError, ProviderError
from common.database import (
    alternative_transcripts,
    conversation_speakers,
    conversations,
    deleted_people,
    heard_voices,
    people,
    segment_batches,
    transcripts,
    users,
)
from common.database.heard_voices import HeardVoice
from common.models.events import ForgetPerson
from common.models.external import ExternalSegments
from common.models.person import Person
from common.models.segment import TranscriptSegment
from common.models.voiceprint import Voiceprint
from common.people.edit import delete_person
from tests.support.everything import documents_below
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.providers import FirstWordsStructurer
from tests.support.stores import Stores
from tests.support.waiting import eventually

MANY = 3000


@pytest.fixture(autouse=True)
def _at_once(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to be waited for between two rounds."""
    del stores
    monkeypatch.setattr(forgetting, "LOOK_AGAIN", timedelta(0))


def _person(uid: str, name: str = "Ann") -> Person:
    return people.get_or_create(uid=uid, name=name)


def _said(person: Person, *, count: int = 1, **fields: Any) -> list[TranscriptSegment]:
    return [
        a_segment(f"words {at}", at, at + 1, id=f"s{at}", person_id=person.id, speaker_label_source=MANUAL, **fields)
        for at in range(count)
    ]


def _conversation(uid: str, said: list[TranscriptSegment], *, name: str = "c1", **fields: Any) -> None:
    made = a_conversation(id=name, transcript_segments=said, **{"status": "completed", **fields})
    conversations.create(made, uid=uid)


def _work(uid: str, person: Person, *, most: int = 400) -> None:
    """What the task does, and those that follow it."""
    for _ in range(most):
        state = deleted_people.of(uid=uid).get(person.id)
        if state.finished_at is not None:
            return
        forget_person(ForgetPerson(uid=uid, person_id=person.id, deleted_at=state.deleted_at))
    pytest.fail("it never ends")


def _stored(uid: str) -> str:
    """All that is stored of a user's conversations, to look for an id in."""
    below = documents_below(users.reference(uid=uid))
    words = [each for part in _transcripts(uid) for each in part]
    return json.dumps(
        [{path: fields for path, fields in below.items() if "/conversations/" in path}, words], default=str
    )


def _transcripts(uid: str) -> Iterator[list[dict[str, Any]]]:
    """The transcripts, which are compressed where they are stored."""
    for snapshot in conversations.collection(uid=uid).select([]).stream():
        yield [each.to_json() for each in conversations.get(uid=uid, conversation_id=snapshot.id).transcript_segments]


def test_it_is_taken_out_of_everything_and_what_was_said_stays(uid: str) -> None:
    ann, tom = _person(uid), _person(uid, "Tom")
    suggestion = {"speaker_id": 0, "person_name": "ann", "segment_ids": ["s0"]}
    other = {"speaker_id": 1, "person_name": "Tom", "segment_ids": []}
    both = [*_said(ann), *(each.model_copy(update={"id": "t"}) for each in _said(tom))]
    _conversation(uid, both, speaker_label_suggestions=[suggestion, other])
    of_a_program = a_segment("handed over", 0, 1, id="p", person_id=ann.id)
    _conversation(uid, [of_a_program], name="c2")
    _conversation(uid, [], name="live", status="in_progress")
    segment_batches.put(a_batch(0, 5, *both), uid=uid, conversation_id="live")
    for number, person in enumerate((ann, tom)):
        voice = HeardVoice(
            id=heard_voices.document_id(number),
            number=number,
            voice=Voiceprint(model="m", values=[1.0]),
            seconds=9,
            person_id=person.id,
            source=AUTO,
        )
        heard_voices.of(uid=uid, conversation_id="live").put(voice)
    alternative_transcripts.put_all(_said(ann), uid=uid, conversation_id="c1", recogniser="whisperx")
    alternative_transcripts.put_all(_said(ann), uid=uid, conversation_id="c1", recogniser="somebody new")

    delete_person(uid=uid, person_id=ann.id)
    assert ann.id in _stored(uid)
    _work(uid, ann)

    assert ann.id not in _stored(uid)
    assert ann.id not in "".join(export_account(uid=uid))
    after = conversations.get(uid=uid, conversation_id="c1")
    assert [(each.text, each.person_id, each.speaker_label_source) for each in after.transcript_segments] == [
        ("words 0", None, None),
        ("words 0", tom.id, MANUAL),
    ]
    assert after.speaker_ids == [tom.id]
    assert [each.person_name for each in after.speaker_label_suggestions] == ["Tom"]
    [batch] = segment_batches.list_batches(uid=uid, conversation_id="live")
    assert [each.person_id for each in batch.segments] == [None, tom.id]
    voices = heard_voices.of(uid=uid, conversation_id="live")
    assert [(voices.get(f"{number:06d}").person_id, voices.get(f"{number:06d}").source) for number in (0, 1)] == [
        (None, None),
        (tom.id, AUTO),
    ]
    state = deleted_people.of(uid=uid).get(ann.id)
    assert state.name is None
    assert state.look_at is None


def test_a_long_transcript_and_one_with_more_speakers_than_are_told(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "INLINE_LIMIT", 100)
    monkeypatch.setattr(transcripts, "CHUNK_SEGMENTS", 7)
    ann = _person(uid)
    _conversation(uid, _said(ann, count=40))
    others = [
        a_segment("x", at, at + 1, id=f"o{at}", person_id=f"!{at:03d}") for at in range(transcripts.MOST_SPEAKERS)
    ]
    _conversation(uid, [*others, *_said(ann)], name="crowd")
    assert ann.id not in (conversations.get(uid=uid, conversation_id="crowd").speaker_ids or ())
    delete_person(uid=uid, person_id=ann.id)
    _work(uid, ann)
    assert ann.id not in _stored(uid)
    assert len(conversations.get(uid=uid, conversation_id="c1").transcript_segments) == 40


def test_thousands_of_conversations_and_a_worker_that_dies_on_the_way(
    uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, tom = _person(uid), _person(uid, "Tom")
    said = {0: _said(ann), 1: _said(tom), 2: [*_said(ann), *_said(tom)]}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: _conversation(uid, said[n % 3], name=f"c{n:05d}"), range(MANY)))
    for person in (ann, tom):
        delete_person(uid=uid, person_id=person.id)
    steps: list[int] = []
    change, calls = conversations.change, iter(range(10**9))

    def dies(**arguments: Any) -> Any:
        if next(calls) % 501 == 500:
            raise ProviderError("the instance is gone")
        return change(**arguments)

    monkeypatch.setattr(conversations, "change", dies)
    deaths = 0
    for person in (ann, tom) * 40:  # both at once, in turns
        state = deleted_people.of(uid=uid).get(person.id)
        try:
            forget_person(ForgetPerson(uid=uid, person_id=person.id, deleted_at=state.deleted_at))
        except ProviderError:
            deaths += 1
        steps.append(deleted_people.of(uid=uid).get(person.id).steps)
    for person in (ann, tom):
        state = deleted_people.of(uid=uid).get(person.id)
        assert state.finished_at is not None
        assert state.rounds == 2
        assert conversation_speakers.list_spoken_in([person.id], uid=uid, limit=1) == []
        assert state.changed >= MANY * 2 // 3 - 200 * deaths  # what was done of a page is not done again
    assert deaths >= 6
    assert max(steps) <= 2 * (MANY // deleted_people.PAGE + 1)
    words = [each["text"] for part in _transcripts(uid) for each in part]
    assert len(words) == MANY + MANY // 3


def test_a_step_looks_at_a_page_and_the_next_goes_on_after_it(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_people, "PAGE", 3)
    monkeypatch.setattr(forgetting, "_PATIENCE_S", 1e-9)
    ann = _person(uid)
    for number in range(8):
        _conversation(uid, _said(ann), name=f"c{number}")
    delete_person(uid=uid, person_id=ann.id)
    state = deleted_people.of(uid=uid).get(ann.id)
    forget_person(ForgetPerson(uid=uid, person_id=ann.id, deleted_at=state.deleted_at))
    after = deleted_people.of(uid=uid).get(ann.id)
    assert (after.steps, after.changed, after.after) == (1, 3, f"users/{uid}/conversations/c2")
    _work(uid, ann)
    assert ann.id not in _stored(uid)


def test_the_last_round_begins_when_nobody_can_know_them_any_more(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LOOK_AGAIN", timedelta(minutes=15))
    ann = _person(uid)
    _conversation(uid, _said(ann))
    delete_person(uid=uid, person_id=ann.id)
    task = ForgetPerson(uid=uid, person_id=ann.id, deleted_at=deleted_people.of(uid=uid).get(ann.id).deleted_at)
    for _ in range(3):  # delivered again and again
        forget_person(task)
    state = deleted_people.of(uid=uid).get(ann.id)
    assert (state.rounds, state.changed, state.finished_at) == (1, 1, None)
    _conversation(uid, _said(ann), name="late")  # whoever was at work has still written it
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=16))
    forget_person(task)
    assert deleted_people.of(uid=uid).get(ann.id).finished_at is None
    assert ann.id not in _stored(uid)
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=31))
    forget_person(task)
    assert deleted_people.of(uid=uid).get(ann.id).finished_at is not None
    assert stores.tasks.received


def test_where_nobody_goes_on_the_sweep_has_somebody_do_it(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = _person(uid)
    delete_person(uid=uid, person_id=ann.id)

    def asked_for() -> int:
        return sum(uid.encode() in each.content for each in stores.tasks.received)

    resume_forgetting(limit=50)  # it has only just begun
    now = clock.now
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now() + timedelta(minutes=16))
        later.setattr(forgetting, "LOOK_AGAIN", timedelta(minutes=15))
        for _ in range(2):
            resume_forgetting(limit=50)
    eventually(lambda: asked_for() >= 2, within_s=10, what="somebody goes on", every_s=0.02)
    assert asked_for() == 2
    _work(uid, ann)


def test_a_client_that_goes_on_naming_them_does_not_keep_it_going_and_does_not_bring_them_back(uid: str) -> None:
    ann = _person(uid)
    _conversation(uid, [], status="in_progress")
    delete_person(uid=uid, person_id=ann.id)
    for number in range(forgetting.MOST_ROUNDS):
        told = a_segment("told", number, number + 1, id=f"t{number}", person_id=ann.id)
        segment_batches.put(a_batch(number, number + 1, told), uid=uid, conversation_id="c1")
        state = deleted_people.of(uid=uid).get(ann.id)
        assert state.finished_at is None
        with pytest.MonkeyPatch.context() as step:
            step.setattr(forgetting, "_PATIENCE_S", 1e-9)
            forget_person(ForgetPerson(uid=uid, person_id=ann.id, deleted_at=state.deleted_at))
    assert deleted_people.of(uid=uid).get(ann.id).finished_at is not None


def test_a_program_that_hands_the_id_over_again_hands_over_nobody(uid: str, first_words: FirstWordsStructurer) -> None:
    del first_words
    ann = _person(uid)
    delete_person(uid=uid, person_id=ann.id)
    _work(uid, ann)
    said = [
        {"text": "We were at the lake on Sunday.", "start": 0, "end": 4, "person_id": ann.id},
        {"text": "It was cold and the water was clear.", "start": 4, "end": 8, "person_id": "an id of its own"},
    ]
    given = ExternalSegments.model_validate({"transcript_segments": said, "language": "en"})
    made = create_from_segments(given, uid=uid)
    structure_conversation(uid=uid, conversation_id=made.id, run=1)
    found = conversations.get(uid=uid, conversation_id=made.id)
    assert [each.person_id for each in found.transcript_segments] == [None, "an id of its own"]
    assert found.speaker_ids == ["an id of its own"]


def test_two_requests_at_once_delete_once(uid: str) -> None:
    ann = _person(uid)

    def delete(_: int) -> bool:
        try:
            delete_person(uid=uid, person_id=ann.id)
        except NotFoundError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(delete, range(4))) == 1
    assert people.of(uid=uid).find(ann.id) is None


def test_an_account_that_is_gone_and_another_deletion_are_left_alone(uid: str) -> None:
    ann = _person(uid)
    delete_person(uid=uid, person_id=ann.id)
    state = deleted_people.of(uid=uid).get(ann.id)
    forget_person(ForgetPerson(uid=uid, person_id=ann.id, deleted_at=state.deleted_at - timedelta(days=1)))
    assert deleted_people.of(uid=uid).get(ann.id) == state
    deleted_people.of(uid=uid).delete(ann.id)
    forget_person(ForgetPerson(uid=uid, person_id=ann.id, deleted_at=state.deleted_at))
    assert deleted_people.of(uid=uid).find(ann.id) is None
