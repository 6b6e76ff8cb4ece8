"""The functions as the platform calls them: events and tasks over HTTP, through functions-framework."""

import io
import json
import random
import wave
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.core import clock, room
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.ids import new_id
from common.core.room import Room
from common.core.settings import settings
from common.database import claims, conversations, segment_batches, vectors
from common.database.claims import ClaimState, Settled
from common.database.clients import pinecone_index, storage_client
from common.models.conversation import ConversationStatus
from common.models.events import FinalizeConversation, TranscribeSpan
from common.models.upload import Upload
from local.environment import BUCKETS
from local.events import document_event, object_event
from local.manifest import ROOT, load
from tests.support.logged import captured
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.providers import CountingTranscriber, FirstWordsStructurer
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores", "first_words", "words", "counting")

WORDS = "we discussed the quarterly budget and the hiring plan"


_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def function() -> Callable[[str], FlaskClient]:
    """A client of one function, served by functions-framework."""

    def client(name: str) -> FlaskClient:
        described = load().functions[name]
        source = ROOT / "functions" / described.folder / "main.py"
        app = _create_app(described.entry_point, str(source), described.signature)
        # What the platform's server does: an exception is a 500, not the test's.
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made: FlaskClient = app.test_client()
        return made

    return client


def _event_of_last_change(
    stores: Stores, uid: str, *, occurred_at: datetime | None = None
) -> tuple[dict[str, str], bytes]:
    """The event that the last change of the user's conversation causes."""
    change = next(change for change in reversed(stores.changes) if change.path == f"users/{uid}/conversations/c1")
    headers, body = document_event(change, event="written", region="us-central1")
    if occurred_at is not None:
        headers["ce-time"] = occurred_at.isoformat().replace("+00:00", "Z")
    return headers, body


def _processing(uid: str, *, run: int = 1, words: str = WORDS) -> None:
    conversations.create(a_conversation(status="processing", run=run), uid=uid)
    segment_batches.put(a_batch(0, 10, a_segment(words, 1, 5)), uid=uid, conversation_id="c1")


def _status(uid: str) -> ConversationStatus:
    return conversations.get(uid=uid, conversation_id="c1").status


def _claim(uid: str, *, step: str = "structure_conversation", subject: str = "c1", run: int = 1) -> Any:
    return claims.acquire(uid=uid, step=step, subject=subject, run=run, lease_seconds=120)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Room:
    """Other work holds all the room that there is for transcripts: ten."""
    made = Room(10)
    monkeypatch.setattr(room, "TRANSCRIPTS", made)
    monkeypatch.setattr(room, "WAITED_S", 0.0)
    assert made.take(10, within_s=0)
    return made


class TestStructuring:
    """Firestore event in, structured conversation out; once."""

    def test_the_entry_into_processing_is_worked_on_once(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], first_words: FirstWordsStructurer
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        for _ in range(3):
            assert structure.post("/", headers=headers, data=body).status_code == 200
        assert _status(uid) is ConversationStatus.COMPLETED
        assert len(first_words.dialogues) == 1
        assert _claim(uid) == Settled(ClaimState.DONE, "completed")

    def test_who_finds_no_room_for_the_words_comes_again_however_often_and_has_not_failed(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], full: Room
    ) -> None:
        session = {"open": False, "covered": [{"start": 0, "end": 3600}]}
        capture = {"kind": "live", "sessions": {"s": session}}
        conversations.create(a_conversation(status="processing", run=1, capture=capture), uid=uid)
        segment_batches.put(a_batch(0, 10, a_segment(WORDS, 1, 5)), uid=uid, conversation_id="c1")
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        for _ in range(settings().max_attempts + 1):
            assert structure.post("/", headers=headers, data=body).status_code == 503
        full.give_back(10)
        assert structure.post("/", headers=headers, data=body).status_code == 200
        assert _status(uid) is ConversationStatus.COMPLETED
        assert full.take(10, within_s=0), "it was given back"

    def test_another_event_about_the_same_run_finds_it_done(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], first_words: FirstWordsStructurer
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        structure.post("/", headers=headers, data=body)
        assert structure.post("/", headers=headers | {"ce-id": new_id()}, data=body).status_code == 200
        assert len(first_words.dialogues) == 1

    def test_its_own_result_is_no_reason_to_begin_again(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        conversations.create(a_conversation(status="completed", run=1), uid=uid)
        headers, body = _event_of_last_change(stores, uid)
        assert function("structure_conversation").post("/", headers=headers, data=body).status_code == 200
        assert isinstance(_claim(uid), claims.Claim), "nobody claimed it"

    def test_a_failure_is_answered_with_an_error_and_the_redelivery_ends_it(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], first_words: FirstWordsStructurer
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        first_words.failures = 1
        assert structure.post("/", headers=headers, data=body).status_code == 503
        assert _status(uid) is ConversationStatus.PROCESSING
        assert structure.post("/", headers=headers, data=body).status_code == 200
        assert _status(uid) is ConversationStatus.COMPLETED

    def test_at_the_limit_the_conversation_says_that_it_failed_and_the_event_is_acknowledged(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], first_words: FirstWordsStructurer
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        first_words.failures = 10**6
        statuses = [structure.post("/", headers=headers, data=body).status_code for _ in range(settings().max_attempts)]
        assert statuses == [503] * (settings().max_attempts - 1) + [200]
        failed = conversations.get(uid=uid, conversation_id="c1")
        assert failed.status is ConversationStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.reason == "the model is away"
        assert [batch.segments[0].text for batch in segment_batches.list_batches(uid=uid, conversation_id="c1")] == [
            WORDS
        ], "an LLM's failure discards nothing"

    def test_an_event_of_yesterday_is_given_up(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid, occurred_at=clock.now() - timedelta(hours=21))
        assert function("structure_conversation").post("/", headers=headers, data=body).status_code == 200
        assert _status(uid) is ConversationStatus.FAILED

    @pytest.mark.parametrize("poison", [b"", b"12", b"\xff\xff\xff", b'{"value": 1}'])
    def test_an_event_that_can_never_be_understood_is_logged_and_acknowledged(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], poison: bytes
    ) -> None:
        _processing(uid)
        headers, _ = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        with captured() as logged:
            assert structure.post("/", headers=headers, data=poison).status_code == 200
        assert [line["message"] for line in logged] == ["event_refused"]

    def test_logs_hold_no_word_that_was_said(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        _processing(uid, words="the secret password is swordfish of course")
        headers, body = _event_of_last_change(stores, uid)
        structure = function("structure_conversation")
        with captured() as logged:
            structure.post("/", headers=headers, data=body)
        assert logged
        assert "swordfish" not in json.dumps(logged, default=str)
        assert uid not in json.dumps(logged, default=str)


class TestFollowers:
    """Indexing and purging read the document themselves."""

    def test_an_event_brings_the_index_up_to_date_whatever_its_copy_says(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        _processing(uid)
        headers, body = _event_of_last_change(stores, uid)
        conversations.reference(uid=uid, conversation_id="c1").update({"status": "completed"})
        assert function("index_conversation").post("/", headers=headers, data=body).status_code == 200
        assert _indexed(uid)

    @pytest.mark.parametrize(
        ("error", "postponed"),
        [(ProviderError("busy"), settings().max_attempts - 1), (ProviderRefusedError("no"), 0)],
        ids=["busy", "declines"],
    )
    def test_a_model_that_does_not_answer_is_given_up_at_the_limit_and_one_that_declines_at_once(
        self,
        stores: Stores,
        uid: str,
        function: Callable[[str], FlaskClient],
        words: Any,
        error: ProviderError,
        postponed: int,
    ) -> None:
        conversations.create(a_conversation(status="completed", structured={"title": "T"}), uid=uid)
        headers, body = _event_of_last_change(stores, uid)

        def fail() -> None:
            raise error

        words.before = fail
        index = function("index_conversation")
        statuses = [index.post("/", headers=headers, data=body).status_code for _ in range(postponed + 1)]
        assert statuses == [503] * postponed + [200]

    def test_who_finds_no_room_for_what_was_said_comes_again_however_often(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], full: Room
    ) -> None:
        said = [a_segment(random.Random(at).randbytes(400).hex(), at, at + 1) for at in range(300)]  # noqa: S311 - noise
        conversations.create(a_conversation(status="completed", transcript_segments=said), uid=uid)
        headers, body = _event_of_last_change(stores, uid)
        follow = function("index_conversation")
        for _ in range(settings().max_attempts + 1):
            assert follow.post("/", headers=headers, data=body).status_code == 503
        full.give_back(10)
        assert follow.post("/", headers=headers, data=body).status_code == 200
        assert full.take(10, within_s=0), "it was given back"

    def test_a_deletion_removes_everything(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        conversations.create(a_conversation(status="completed", structured={"title": "T"}), uid=uid)
        function("index_conversation").post("/", headers=(sent := _event_of_last_change(stores, uid))[0], data=sent[1])
        segment_batches.put(a_batch(0, 10), uid=uid, conversation_id="c1")
        assert _indexed(uid)
        conversations.delete(uid=uid, conversation_id="c1")
        headers, body = _event_of_last_change(stores, uid)
        for name in ("purge_conversation", "index_conversation") * 2:
            assert function(name).post("/", headers=headers, data=body).status_code == 200
        assert not _indexed(uid)
        assert segment_batches.list_batches(uid=uid, conversation_id="c1") == []


def _indexed(uid: str) -> bool:
    vector_id = vectors.conversation_vector_id(uid=uid, conversation_id="c1")
    return bool(pinecone_index().fetch(ids=[vector_id], namespace="ns1").vectors)


class TestUploads:
    """Storage event in, conversation out."""

    def _finalized(self, stores: Stores, name: str, data: bytes) -> tuple[dict[str, str], bytes, Upload]:
        storage_client().bucket(BUCKETS["uploads"]).blob(name).upload_from_string(data)
        resource = next(resource for resource in reversed(stores.uploads) if resource["name"] == name)
        return *object_event(resource), Upload.model_validate(resource)

    def test_garbage_becomes_a_failed_conversation_that_says_why(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        headers, body, upload = self._finalized(stores, f"{uid}/Gespräch 1.wav", b"garbage")
        transcribe = function("transcribe_upload")
        for _ in range(2):
            assert transcribe.post("/", headers=headers, data=body).status_code == 200
        failed = conversations.get(uid=uid, conversation_id=upload.key)
        assert failed.status is ConversationStatus.FAILED
        assert _claim(uid, step="transcribe_upload", subject=upload.key, run=0) == Settled(ClaimState.PARKED, None)

    def test_one_that_was_deleted_meanwhile_is_not_waited_for(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        headers, body, upload = self._finalized(stores, f"{uid}/gone.wav", b"x")
        storage_client().bucket(BUCKETS["uploads"]).blob(upload.name).delete()
        assert function("transcribe_upload").post("/", headers=headers, data=body).status_code == 200
        failure = conversations.get(uid=uid, conversation_id=upload.key).failure
        assert failure is not None
        assert failure.reason == "the file was replaced or deleted before it could be read (gone.wav)"

    def test_an_outage_is_told_and_outlasted(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recording = io.BytesIO()
        with wave.open(recording, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(16000)
            writer.writeframes(bytes(32000))
        headers, body, upload = self._finalized(stores, f"{uid}/talk.wav", recording.getvalue())
        transcribe = function("transcribe_upload")
        with monkeypatch.context() as patched:
            patched.setenv("AUDIO_BUCKET", "there-is-none")
            settings.cache_clear()
            attempts = settings().max_attempts + 2
            answers = [transcribe.post("/", headers=headers, data=body).status_code for _ in range(attempts)]
        settings.cache_clear()
        assert answers == [503] * attempts
        assert conversations.get(uid=uid, conversation_id=upload.key).status is ConversationStatus.FAILED
        assert transcribe.post("/", headers=headers, data=body).status_code == 200
        assert conversations.get(uid=uid, conversation_id=upload.key).status is ConversationStatus.IN_PROGRESS

    @pytest.mark.parametrize("body", [b"{}", b"[]", b"12", b"not json"])
    def test_what_describes_no_object_is_acknowledged(
        self, stores: Stores, uid: str, function: Callable[[str], FlaskClient], body: bytes
    ) -> None:
        headers, _, _ = self._finalized(stores, f"{uid}/a.wav", b"x")
        assert function("transcribe_upload").post("/", headers=headers, data=body).status_code in {200, 400}

    def test_an_upload_of_nobody_is_acknowledged(self, stores: Stores, function: Callable[[str], FlaskClient]) -> None:
        headers, body, _ = self._finalized(stores, "orphan.wav", b"x")
        with captured() as logged:
            assert function("transcribe_upload").post("/", headers=headers, data=body).status_code == 200
        assert [line["message"] for line in logged] == ["event_refused"]


class TestTasks:
    """Cloud Tasks and Cloud Scheduler call with a body, or without."""

    def test_a_span_is_transcribed_and_a_second_delivery_finds_it_done(
        self, uid: str, function: Callable[[str], FlaskClient], counting: CountingTranscriber
    ) -> None:
        span = TranscribeSpan(uid=uid, conversation_id="c1", run=1, session_id="s", start_ms=0, end_ms=5000)
        conversations.create(a_conversation(status="processing", run=1, pending_spans=[span.key]), uid=uid)
        transcribe = function("transcribe_span")
        for _ in range(2):
            answer = transcribe.post("/", data=span.model_dump_json(), content_type="application/json")
            assert (answer.status_code, answer.json) == (200, {"status": "ok"})
        assert len(counting.heard) == 1
        assert conversations.get(uid=uid, conversation_id="c1").run == 2

    def test_a_provider_that_fails_is_answered_with_503_and_given_up_at_the_limit(
        self, uid: str, function: Callable[[str], FlaskClient], counting: CountingTranscriber
    ) -> None:
        span = TranscribeSpan(uid=uid, conversation_id="c1", run=1, session_id="s", start_ms=0, end_ms=5000)
        conversations.create(a_conversation(status="processing", run=1, pending_spans=[span.key]), uid=uid)
        counting.failures = 10**6
        transcribe = function("transcribe_span")
        statuses = [
            transcribe.post("/", data=span.model_dump_json()).status_code for _ in range(settings().max_attempts)
        ]
        assert statuses == [503] * (settings().max_attempts - 1) + [200]
        [batch] = segment_batches.list_batches(uid=uid, conversation_id="c1")
        assert batch.given_up == "the recogniser is away"

    @pytest.mark.parametrize(
        "name", ["transcribe_span", "finalize_conversation", "merge_conversations", "describe_photo"]
    )
    @pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"\xff\xfe", b'{"uid": "u", "text": "x"}'])
    def test_a_body_that_can_never_be_understood_is_acknowledged_with_a_word_about_it(
        self, function: Callable[[str], FlaskClient], name: str, body: bytes
    ) -> None:
        answer = function(name).post("/", data=body)
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["detail"]

    def test_silence_closes_a_conversation(self, uid: str, function: Callable[[str], FlaskClient]) -> None:
        conversations.create(a_conversation(), uid=uid)
        task = FinalizeConversation(uid=uid, conversation_id="c1").model_dump_json()
        assert function("finalize_conversation").post("/", data=task).status_code == 200
        assert _status(uid) is ConversationStatus.PROCESSING

    def test_a_task_of_a_newer_version_is_done_as_far_as_it_is_understood(
        self, uid: str, function: Callable[[str], FlaskClient]
    ) -> None:
        conversations.create(a_conversation(), uid=uid)
        task = FinalizeConversation(uid=uid, conversation_id="c1").model_dump() | {"colour": "blue"}
        assert function("finalize_conversation").post("/", json=task).status_code == 200
        assert _status(uid) is ConversationStatus.PROCESSING

    def test_the_scheduler_sends_no_body_that_matters(self, function: Callable[[str], FlaskClient]) -> None:
        answer = function("sweep").post("/", content_type="application/octet-stream")
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})
