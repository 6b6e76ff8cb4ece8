"""A conversation is read in every form that was ever written, and what is stored round-trips."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.models.conversation import (
    Conversation,
    ConversationSource,
    ConversationStatus,
    ConversationView,
    ConversationVisibility,
    Interval,
)
from common.models.segment import TranscriptSegment
from common.models.structured import ConversationCategory

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

# CONTRACT section 2.2: every field with its default.
CONTRACT_DEFAULTS: dict[str, Any] = {
    "updated_at": None,
    "started_at": None,
    "finished_at": None,
    "source": "omi",
    "language": None,
    "transcript_segments": [],
    "geolocation": None,
    "photos": [],
    "audio_files": [],
    "conversation_audio": None,
    "private_cloud_sync_enabled": False,
    "apps_results": [],
    "suggested_summarization_apps": [],
    "speaker_label_suggestions": [],
    "plugins_results": [],
    "external_data": None,
    "app_id": None,
    "discarded": False,
    "deleted": False,
    "visibility": "private",
    "starred": False,
    "processing_conversation_id": None,
    "processing_memory_id": None,
    "status": "completed",
    "is_locked": False,
    "deferred": False,
    "data_protection_level": None,
    "folder_id": None,
    "call_id": None,
    "calendar_event": None,
    "client_device_id": None,
    "client_platform": None,
    "uses_custom_stt": False,
    "user_title": None,
    "postprocessing": None,
}

# The object of the seed document memory-storage, field by field.
SEED: dict[str, Any] = {
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "created_at": datetime(2023, 4, 1, 12, 0, 0),  # noqa: DTZ001 - the seed writes naive times
    "started_at": datetime(2023, 4, 1, 11, 55, 0),  # noqa: DTZ001
    "finished_at": datetime(2023, 4, 1, 12, 5, 0),  # noqa: DTZ001
    "source": "conversation",
    "language": "en-US",
    "structured": {
        "title": "Team Meeting Discussion on Q2 Goals",
        "overview": "Discussed Q2 goals, focusing on product launch and market expansion.",
        "emoji": "🚀",
        "category": "work",
        "action_items": [
            "Finalize product features by April 15",
            "Schedule market research presentation for next week",
        ],
        "events": [
            {
                "title": "Q2 Goals Follow-up",
                "start_time": "2023-04-08T14:00:00",
                "end_time": "2023-04-08T15:00:00",
            }
        ],
    },
    "transcript_segments": [
        {
            "speaker": "SPEAKER_00",
            "start": 0.0,
            "end": 5.2,
            "text": "Good morning, team. Let's discuss our Q2 goals.",
            "is_user": True,
            "person_id": None,
        },
        {
            "speaker": "SPEAKER_01",
            "start": 5.5,
            "end": 10.8,
            "text": "Sounds good. I think we should focus on the product launch.",
            "is_user": False,
            "person_id": "colleague123",
        },
    ],
    "geolocation": {"latitude": 37.7749, "longitude": -122.4194},
    "plugins_results": [{"plugin_id": "weather", "data": {"sky": "clear"}}],
    "external_data": {"source": "calendar", "event_id": "123"},
    "postprocessing": {"status": "completed", "model": "fal_whisperx", "fail_reason": None},
    "discarded": False,
    "deleted": False,
    "visibility": "private",
}


def _minimal(**fields: Any) -> Conversation:
    return Conversation.model_validate({"id": "c1", "created_at": NOON, **fields})


def test_every_field_of_the_contract_is_there_with_its_default() -> None:
    wire = _minimal().to_wire()
    assert {name: wire[name] for name in CONTRACT_DEFAULTS} == CONTRACT_DEFAULTS
    assert wire["structured"] == {
        "title": "",
        "overview": "",
        "emoji": "🧠",
        "category": "other",
        "action_items": [],
        "events": [],
    }


def test_what_only_the_chain_needs_does_not_reach_a_client() -> None:
    conversation = _minimal(run=3, pending_spans=["s:0-1"], covered={"s": [{"start": 0, "end": 1}]})
    wire = conversation.to_wire()
    assert set(wire) == set(ConversationView.model_fields) | set(ConversationView.model_computed_fields)
    assert not {"run", "capture", "covered", "pending_spans", "transcript_chunks"} & wire.keys()


def test_a_list_leaves_photos_out_but_keeps_the_field() -> None:
    conversation = _minimal(photos=[{"base64": "aGk=", "created_at": NOON}])
    assert conversation.to_wire()["photos"][0]["base64"] == "aGk="
    assert conversation.to_wire(with_photos=False)["photos"] == []
    assert conversation.photos, "the conversation itself keeps them"


def test_the_enumerations_hold_the_values_of_the_contract() -> None:
    assert {status.value for status in ConversationStatus} == {
        "in_progress", "processing", "merging", "completed", "failed",
    }  # fmt: skip
    assert {visibility.value for visibility in ConversationVisibility} == {"private", "shared", "public"}
    assert {source.value for source in ConversationSource} == {
        "friend", "omi", "fieldy", "bee", "plaud", "frame", "friend_com", "apple_watch", "phone", "phone_call",
        "desktop", "openglass", "screenpipe", "workflow", "sdcard", "external_integration", "limitless",
        "rayban_meta", "onboarding", "unknown",
    }  # fmt: skip
    assert [category.value for category in ConversationCategory][:17] == [
        "personal", "education", "health", "finance", "legal", "philosophy", "spiritual", "science",
        "entrepreneurship", "parenting", "romantic", "travel", "inspiration", "technology", "business", "social",
        "work",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("conversation", "omi"),
        ("", "omi"),
        (None, "omi"),
        ("openglass", "openglass"),
        ("workflow", "workflow"),
        ("toaster", "unknown"),
        (7, "unknown"),
    ],
)
def test_every_source_is_readable(stored: object, read: str) -> None:
    assert _minimal(source=stored).source.value == read


def test_only_completed_and_failed_are_terminal() -> None:
    assert {status for status in ConversationStatus if status.terminal} == {
        ConversationStatus.COMPLETED,
        ConversationStatus.FAILED,
    }


class TestTheSeedsMemoryObject:
    """The document the project was created from is one of ours."""

    def test_all_of_it_is_understood(self) -> None:
        read = Conversation.model_validate(SEED)
        assert read.created_at == datetime(2023, 4, 1, 12, 0, tzinfo=UTC)
        assert (read.started_at, read.finished_at) == (
            datetime(2023, 4, 1, 11, 55, tzinfo=UTC),
            datetime(2023, 4, 1, 12, 5, tzinfo=UTC),
        )
        assert read.source is ConversationSource.OMI
        assert read.language == "en-US"
        assert read.structured.category is ConversationCategory.WORK
        assert [item.description for item in read.structured.action_items] == SEED["structured"]["action_items"]
        assert not any(item.completed for item in read.structured.action_items)
        [event] = read.structured.events
        assert (event.start, event.duration) == (datetime(2023, 4, 8, 14, 0, tzinfo=UTC), 60)
        assert [segment.speaker_id for segment in read.transcript_segments] == [0, 1]
        assert [segment.is_user for segment in read.transcript_segments] == [True, False]
        assert read.transcript_segments[1].person_id == "colleague123"
        assert read.geolocation is not None
        assert (read.geolocation.latitude, read.geolocation.longitude) == (37.7749, -122.4194)
        assert read.apps_results[0].app_id == "weather"
        assert json.loads(read.apps_results[0].content) == {"sky": "clear"}
        assert read.external_data == {"source": "calendar", "event_id": "123"}
        assert read.postprocessing is not None
        assert (read.postprocessing.status, read.postprocessing.model) == ("completed", "fal_whisperx")
        assert (read.discarded, read.deleted, read.visibility.value) == (False, False, "private")

    def test_it_round_trips_through_firestore_and_json(self) -> None:
        read = Conversation.model_validate(SEED)
        assert Conversation.model_validate(read.to_firestore()) == read
        assert Conversation.model_validate_json(json.dumps(read.to_json())) == read

    def test_its_segments_get_ids_that_do_not_change_from_read_to_read(self) -> None:
        first, second = Conversation.model_validate(SEED), Conversation.model_validate(SEED)
        ids = [segment.id for segment in first.transcript_segments]
        assert ids == [segment.id for segment in second.transcript_segments]
        assert len(set(ids)) == 2
        assert all(uuid.UUID(each).version == 5 for each in ids)
        other = Conversation.model_validate({**SEED, "id": "another"})
        assert other.transcript_segments[0].id != ids[0]

    def test_its_source_values_are_all_kept(self) -> None:
        for source in ("openglass", "workflow"):
            assert Conversation.model_validate({**SEED, "source": source}).source.value == source


def test_mirrors_are_written_and_read() -> None:
    ours = _minimal(apps_results=[{"app_id": "a", "content": "x"}], processing_conversation_id="p")
    wire = ours.to_wire()
    assert wire["plugins_results"] == [{"plugin_id": "a", "content": "x"}]
    assert wire["processing_memory_id"] == "p"
    old = _minimal(plugins_results=[{"plugin_id": "a", "content": "x"}], processing_memory_id="p")
    assert (old.apps_results, old.processing_conversation_id) == (ours.apps_results, "p")


def test_the_name_of_today_wins_over_its_mirror() -> None:
    read = _minimal(
        apps_results=[{"app_id": "new", "content": ""}],
        plugins_results=[{"plugin_id": "old", "content": ""}],
        processing_conversation_id="new",
        processing_memory_id="old",
    )
    assert read.apps_results[0].app_id == "new"
    assert read.processing_conversation_id == "new"


def test_nulls_mean_the_default() -> None:
    fields = dict.fromkeys(Conversation.model_fields) | {"id": "c1", "created_at": NOON}
    assert Conversation.model_validate(fields) == _minimal()


def test_firestore_gets_native_types_only() -> None:
    def walk(value: Any) -> None:
        assert type(value) in {dict, list, str, int, float, bool, datetime, type(None)}, type(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    walk(Conversation.model_validate(SEED).to_firestore())


def test_unknown_fields_of_other_versions_are_ignored() -> None:
    assert _minimal(lifecycle_version=3, has_content=True) == _minimal()


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SECONDS = st.integers(0, 86_400_000).map(lambda milliseconds: milliseconds / 1000)


@st.composite
def _segments(draw: st.DrawFn) -> TranscriptSegment:
    start = draw(SECONDS)
    return TranscriptSegment(
        text=draw(TEXT),
        speaker=f"SPEAKER_{draw(st.integers(0, 99)):02d}",
        is_user=draw(st.booleans()),
        person_id=draw(st.none() | TEXT),
        start=start,
        end=start + draw(SECONDS),
        stt_provider=draw(st.none() | TEXT),
    )


CONVERSATIONS = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "created_at": MOMENTS},
    optional={
        "started_at": st.none() | MOMENTS,
        "finished_at": st.none() | MOMENTS,
        "source": st.sampled_from(ConversationSource) | TEXT,
        "language": st.none() | TEXT,
        "status": st.sampled_from(ConversationStatus),
        "discarded": st.booleans(),
        "structured": st.fixed_dictionaries(
            {"title": TEXT, "overview": TEXT, "category": st.sampled_from(ConversationCategory) | TEXT},
            optional={
                "action_items": st.lists(TEXT | st.fixed_dictionaries({"description": TEXT, "due_at": MOMENTS})),
                "events": st.lists(
                    st.fixed_dictionaries({"title": TEXT, "start": MOMENTS, "duration": st.integers(0, 600)})
                ),
            },
        ),
        "transcript_segments": st.lists(_segments(), max_size=4),
        "apps_results": st.lists(st.fixed_dictionaries({"app_id": st.none() | TEXT, "content": TEXT}), max_size=2),
        "external_data": st.none() | st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53), max_size=3),
        "covered": st.dictionaries(TEXT, st.lists(st.builds(Interval, start=SECONDS, end=SECONDS)), max_size=2),
        "pending_spans": st.lists(TEXT, max_size=2),
        "run": st.integers(0, 1000),
        "user_title": st.none() | TEXT,
    },
)


@settings(deadline=None, max_examples=60)
@given(CONVERSATIONS)
def test_whatever_is_stored_is_read_back_the_same(fields: dict[str, Any]) -> None:
    conversation = Conversation.model_validate(fields)
    assert Conversation.model_validate(conversation.to_firestore()) == conversation
    assert Conversation.model_validate_json(json.dumps(conversation.to_json())) == conversation


def test_a_moment_in_another_zone_is_stored_in_utc() -> None:
    read = _minimal(started_at="2026-05-04T14:00:00+02:00")
    assert read.started_at == NOON
    assert read.started_at is not None
    assert read.started_at.utcoffset() == timedelta(0)
