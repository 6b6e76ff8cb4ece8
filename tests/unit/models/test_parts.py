"""What hangs on a conversation: fields and defaults of the contract, forms of older writers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from common.models.attachments import (
    AppResult,
    AudioFile,
    CalendarEvent,
    ConversationAudio,
    ConversationPhoto,
    Geolocation,
    PostProcessing,
    SpeakerLabelSuggestion,
)
from common.models.events import ConversationCompleted, DeadLettered, FinalizeConversation, TranscribeSpan
from common.models.segment import TranscriptSegment, Translation
from common.models.structured import ActionItem, Event
from common.models.upload import Upload

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _defaults(instance: Any, *required: str) -> dict[str, Any]:
    fields: dict[str, Any] = instance.model_dump(mode="json")
    return {name: value for name, value in fields.items() if name not in required}


def test_a_segments_defaults() -> None:
    segment = TranscriptSegment(text="Hi", start=0, end=1)
    assert _defaults(segment, "id", "text", "start", "end") == {
        "speaker": "SPEAKER_00",
        "speaker_id": 0,
        "is_user": False,
        "person_id": None,
        "translations": [],
        "speech_profile_processed": True,
        "stt_provider": None,
        "speaker_label_source": None,
        "language": None,
    }
    assert segment.id != TranscriptSegment(text="Hi", start=0, end=1).id
    assert Translation(lang="de", text="Hallo").to_json() == {"lang": "de", "text": "Hallo"}


@pytest.mark.parametrize(
    ("speaker", "label", "number"),
    [("SPEAKER_07", "SPEAKER_07", 7), ("SPEAKER_12", "SPEAKER_12", 12), ("Anna", "Anna", 0), (None, "SPEAKER_00", 0)],
)
def test_the_speakers_number_follows_from_the_label(speaker: str | None, label: str, number: int) -> None:
    segment = TranscriptSegment.model_validate({"text": "", "start": 0, "end": 0, "speaker": speaker})
    assert (segment.speaker, segment.speaker_id) == (label, number)


def test_a_speakers_number_that_is_given_stays() -> None:
    assert TranscriptSegment(text="", start=0, end=0, speaker="SPEAKER_01", speaker_id=5).speaker_id == 5


def test_a_segment_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValidationError):
        TranscriptSegment(text="", start=-0.1, end=1)


def test_an_action_items_and_an_events_defaults() -> None:
    item = ActionItem(description="x")
    assert _defaults(item, "description") == {
        "completed": False,
        "created_at": None,
        "updated_at": None,
        "due_at": None,
        "completed_at": None,
        "conversation_id": None,
    }
    assert _defaults(Event(title="x", start=NOON), "title", "start") == {
        "description": "",
        "duration": 30,
        "created": False,
    }


def test_a_photos_an_audio_files_and_a_places_defaults() -> None:
    assert _defaults(ConversationPhoto(created_at=NOON), "id", "created_at") == {
        "base64": "",
        "storage_id": None,
        "content_type": None,
        "description": None,
        "discarded": False,
        "data_protection_level": None,
        "failure": None,
    }
    assert _defaults(AudioFile(uid="u", conversation_id="c"), "id", "uid", "conversation_id") == {
        "chunk_timestamps": [],
        "provider": "gcp",
        "started_at": None,
        "duration": 0.0,
    }
    assert _defaults(Geolocation(latitude=1, longitude=2), "latitude", "longitude") == {
        "google_place_id": None,
        "address": None,
        "location_type": None,
    }
    audio = ConversationAudio(audio_files_fingerprint="f", duration=2, captured_duration=1, built_at=NOON)
    assert (audio.content_type, audio.spans) == ("audio/mpeg", [])
    assert SpeakerLabelSuggestion(speaker_id=1, person_name="A").segment_ids == []
    event = CalendarEvent(event_id="e", title="t", start_time=NOON, end_time=NOON)
    assert (event.attendees, event.attendee_emails, event.html_link) == ([], [], None)


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (-91, 0), (0, 181), (0, -181)])
def test_a_place_that_is_nowhere_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValidationError):
        Geolocation(latitude=latitude, longitude=longitude)


def test_post_processing_knows_its_statuses_and_models() -> None:
    assert _defaults(PostProcessing()) == {"status": "not_started", "model": "fal_whisperx", "fail_reason": None}
    for status in ("not_started", "in_progress", "completed", "canceled", "failed"):
        for model in ("fal_whisperx", "prerecorded"):
            read = PostProcessing.model_validate({"status": status, "model": model})
            assert (read.status, read.model) == (status, model)


def test_post_processing_that_this_version_does_not_know_counts_as_not_started() -> None:
    read = PostProcessing.model_validate({"status": "done", "model": "other"})
    assert (read.status, read.model) == ("not_started", "fal_whisperx")


@pytest.mark.parametrize(
    ("stored", "app_id", "content"),
    [
        ({"app_id": "a", "content": "x"}, "a", "x"),
        ({"plugin_id": "a", "content": "x"}, "a", "x"),
        ({"plugin_id": "a", "data": "x"}, "a", "x"),
        ({"plugin_id": "a", "data": {"k": 1}}, "a", '{"k": 1}'),
        ({"content": None}, None, ""),
    ],
)
def test_an_apps_result_is_read_in_all_its_forms(stored: dict[str, Any], app_id: str | None, content: str) -> None:
    result = AppResult.model_validate(stored)
    assert (result.app_id, result.content) == (app_id, content)


class TestMessages:
    """What functions tell each other."""

    def test_the_same_fact_has_the_same_event_id_and_another_run_another(self) -> None:
        first = ConversationCompleted(uid="u", conversation_id="c", run=1)
        assert first.event_id == ConversationCompleted(uid="u", conversation_id="c", run=1).event_id
        assert first.event_id != ConversationCompleted(uid="u", conversation_id="c", run=2).event_id
        dead = DeadLettered(uid="u", step="s", subject="c", run=1, reason="r")
        assert dead.event_id == DeadLettered(uid="u", step="s", subject="c", run=1, reason="another").event_id

    def test_unknown_fields_of_ours_are_refused(self) -> None:
        with pytest.raises(ValidationError):
            FinalizeConversation.model_validate({"uid": "u", "conversation_id": "c", "text": "never"})

    @pytest.mark.parametrize("session_id", ["a1b2", "with:colon", "x-1"])
    @pytest.mark.parametrize(("before", "after"), [(False, False), (False, True), (True, False), (True, True)])
    def test_a_span_is_named_by_its_key(self, session_id: str, *, before: bool, after: bool) -> None:
        span = TranscribeSpan(
            uid="u",
            conversation_id="c",
            run=4,
            session_id=session_id,
            start_ms=0,
            end_ms=300_000,
            goes_on_before=before,
            goes_on_after=after,
        )
        assert TranscribeSpan.from_key(span.key, uid="u", conversation_id="c", run=4) == span
        assert "/" not in span.subject

    def test_spans_sort_by_time(self) -> None:
        keys = [
            TranscribeSpan(uid="u", conversation_id="c", run=1, session_id="s", start_ms=start, end_ms=start + 1).key
            for start in (9, 10, 36_000_000)
        ]
        assert keys == sorted(keys)


def test_an_uploads_key_follows_the_generation() -> None:
    resource = {
        "bucket": "b",
        "name": "u/x.wav",
        "generation": "17",
        "size": "3",
        "timeCreated": "2026-05-04T12:00:00Z",
    }
    upload = Upload.model_validate(resource)
    assert (upload.generation, upload.size, upload.time_created) == (17, 3, NOON)
    assert upload.key == Upload.model_validate(resource).key
    assert upload.key != Upload.model_validate({**resource, "generation": "18"}).key
