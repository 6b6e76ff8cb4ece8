"""Conversations that are handed over: stored at once, and structured as they are."""

import random
from typing import Any

import pytest

from common.conversations.create import await_receipt, create_from_segments, create_from_text, speaker_labels
from common.conversations.structure import structure_conversation
from common.database import conversations
from common.models.conversation import Conversation, ConversationSource, ConversationStatus
from common.models.external import ExternalSegment, ExternalSegments, ExternalText, Receipt
from tests.support.providers import FirstWordsStructurer

pytestmark = pytest.mark.usefixtures("stores", "first_words")


def _text(text: str, **fields: Any) -> ExternalText:
    return ExternalText.model_validate({"text": text, **fields})


def _segments(**fields: Any) -> ExternalSegments:
    said = [
        {"id": "a", "text": "Yes.", "speaker": "SPEAKER_03", "start": 5, "end": 6},
        {"text": "And no.", "speaker": "SPEAKER_03", "start": 6, "end": 7},
        {"text": "First.", "speaker": "Alice", "start": 0, "end": 1, "is_user": True},
    ]
    return ExternalSegments.model_validate({"transcript_segments": said, **fields})


def _structured(conversation: Conversation, uid: str) -> Conversation:
    assert structure_conversation(uid=uid, conversation_id=conversation.id, run=1) == "completed"
    return conversations.get(uid=uid, conversation_id=conversation.id)


def test_a_text_is_stored_in_processing_and_then_structured_without_being_joined_or_judged(uid: str) -> None:
    asked = _text("Ok.\n\nWell.", text_source="message", text_source_spec="sms", started_at="2026-05-04T12:00:00Z")
    created = create_from_text(asked, uid=uid, app_id="app1")
    assert (created.status, created.run, created.capture.kind) == (ConversationStatus.PROCESSING, 1, "external")
    done = _structured(created, uid)
    assert [(each.text, each.start, each.end) for each in done.transcript_segments] == [("Ok.", 0, 0), ("Well.", 0, 0)]
    assert done.transcript_segments == created.transcript_segments
    assert (done.status, done.discarded, done.structured.title) == (ConversationStatus.COMPLETED, False, "Ok. Well.")
    assert done.relevance is not None
    assert (done.relevance.decided_by, done.relevance.verdict) == ("policy", "keep")
    assert done.external_data == {"text_source": "message", "text_source_spec": "sms"}
    assert (done.app_id, done.source) == ("app1", ConversationSource.EXTERNAL_INTEGRATION)
    assert (done.started_at, done.finished_at) == (created.started_at, created.finished_at)


def test_a_text_of_the_largest_size_fits(uid: str) -> None:
    chance = random.Random(3)  # noqa: S311 - reproducible, no secret
    text = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(100_000))
    created = create_from_text(_text(text), uid=uid)
    assert len(repr(conversations.reference(uid=uid, conversation_id=created.id).get().to_dict())) < 100_000
    stored = conversations.get(uid=uid, conversation_id=created.id)
    assert "".join(segment.text for segment in stored.transcript_segments) == text


def test_what_has_no_words_is_discarded_and_not_deleted(uid: str, first_words: FirstWordsStructurer) -> None:
    blank = ExternalSegments.model_validate({"transcript_segments": [{"text": " \n ", "start": 0, "end": 1}]})
    done = _structured(create_from_segments(blank, uid=uid), uid)
    assert (done.status, done.discarded) == (ConversationStatus.COMPLETED, True)
    assert not first_words.dialogues


def test_segments_keep_their_bounds_and_ids_and_get_labels_that_clients_can_read(uid: str) -> None:
    done = _structured(create_from_segments(_segments(finished_at="2100-01-01T00:00:00Z"), uid=uid), uid)
    assert [each.text for each in done.transcript_segments] == ["First.", "Yes.", "And no."]
    assert done.transcript_segments[1].id == "a"
    assert [each.start for each in done.transcript_segments] == [0, 5, 6]
    assert [each.speaker for each in done.transcript_segments] == ["SPEAKER_00", "SPEAKER_03", "SPEAKER_03"]
    assert [each.speaker_id for each in done.transcript_segments] == [0, 3, 3]
    assert [each.is_user for each in done.transcript_segments] == [True, False, False]
    assert done.external_data == {"speakers": {"SPEAKER_00": "Alice"}}
    assert (done.source, done.finished_at is not None and done.finished_at.year) == (ConversationSource.PHONE, 2100)


def test_segments_stand_in_the_order_of_their_times_and_where_one_has_none_as_they_were_given(uid: str) -> None:
    def said(*texts: tuple[str, float, float]) -> list[str]:
        segments = [{"text": text, "start": start, "end": end} for text, start, end in texts]
        created = create_from_segments(ExternalSegments.model_validate({"transcript_segments": segments}), uid=uid)
        return [segment.text for segment in created.transcript_segments]

    assert said(("third", 9, 10), ("first", 0, 2), ("second", 0, 3)) == ["first", "second", "third"]
    assert said(("third", 9, 10), ("untimed", 0, 0), ("second", 0, 3)) == ["third", "untimed", "second"]


def test_names_of_speakers_get_numbers_that_nobody_has() -> None:
    given = [
        ExternalSegment(text="x", speaker=speaker, speaker_id=number, start=0, end=1)
        for speaker, number in (("Bob", None), ("SPEAKER_00", None), (None, 2), ("Ann", None), ("Bob", None))
    ]
    assert speaker_labels(given) == {
        "Bob": "SPEAKER_01",
        "SPEAKER_00": "SPEAKER_00",
        "SPEAKER_02": "SPEAKER_02",
        "Ann": "SPEAKER_03",
    }


@pytest.mark.parametrize(("in_its_place", "discarded", "by"), [(False, True, "rule"), (True, False, "policy")])
def test_a_transcript_is_judged_as_what_was_heard_but_one_of_an_archive_is_kept(
    uid: str,
    *,
    in_its_place: bool,
    discarded: bool,
    by: str,
) -> None:
    said = [{"text": text, "start": n, "end": n + 1} for n, text in enumerate(["Uh, hmm.", "Yeah.", "Okay."])]
    heard = ExternalSegments.model_validate({"transcript_segments": said, "client_session_id": "s1"})
    done = _structured(create_from_segments(heard, uid=uid, in_its_place=in_its_place), uid)
    assert done.relevance is not None
    assert (done.discarded, done.relevance.decided_by) == (discarded, by)
    assert [segment.text for segment in done.transcript_segments] == ["Uh, hmm.", "Yeah.", "Okay."]


class TestClientSession:
    """The same session handed over again is the same conversation."""

    def test_again_is_answered_with_what_there_is(self, uid: str) -> None:
        first = create_from_segments(_segments(client_session_id="s1"), uid=uid)
        done = _structured(first, uid)
        again = create_from_segments(_segments(client_session_id="s1", language="de"), uid=uid)
        assert again == done
        assert await_receipt(again, uid=uid) == Receipt(id=first.id, status="completed", discarded=done.discarded)

    def test_another_users_is_another(self, uid: str) -> None:
        ids = {create_from_segments(_segments(client_session_id="s1"), uid=who).id for who in (uid, f"{uid}-other")}
        assert len(ids) == 2

    def test_what_its_owner_has_deleted_stays_deleted(self, uid: str) -> None:
        first = create_from_segments(_segments(client_session_id="s1"), uid=uid)
        conversations.delete(uid=uid, conversation_id=first.id)
        again = create_from_segments(_segments(client_session_id="s1"), uid=uid)
        assert await_receipt(again, uid=uid) == Receipt(id=first.id, status="deleted", discarded=True)
        assert conversations.find(uid=uid, conversation_id=first.id) is None


def test_whoever_waits_for_what_is_deleted_meanwhile_is_told(uid: str) -> None:
    created = create_from_text(_text("Hello there"), uid=uid)
    conversations.delete(uid=uid, conversation_id=created.id)
    assert await_receipt(created, uid=uid) == Receipt(id=created.id, status="deleted", discarded=True)
