"""The structure of a conversation is read in every form that was ever written, and round-trips."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from pydantic import ValidationError

from common.models.structured import ActionItem, ConversationCategory, Event, Structured

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _full() -> Structured:
    return Structured(
        title="Budget Review",
        category=ConversationCategory.WORK,
        action_items=[ActionItem(description="Send the budget", due_at=NOON)],
        events=[Event(title="Review", start=NOON, duration=45)],
    )


def test_there_are_33_categories() -> None:
    assert len(ConversationCategory) == 33


def test_defaults_of_an_empty_document() -> None:
    structured = Structured.model_validate({})
    assert (structured.title, structured.overview, structured.emoji) == ("", "", "🧠")
    assert structured.category is ConversationCategory.OTHER
    assert structured.action_items == []
    assert structured.events == []


@pytest.mark.parametrize("category", ["gardening", "", 7, None, ["work"]])
def test_an_unknown_category_reads_as_other(category: object) -> None:
    assert Structured.model_validate({"category": category}).category is ConversationCategory.OTHER


def test_a_category_is_read_whatever_its_case() -> None:
    assert Structured.model_validate({"category": " Work "}).category is ConversationCategory.WORK


def test_an_action_item_may_be_a_plain_string() -> None:
    structured = Structured.model_validate({"action_items": ["Call Maria", {"description": "Pay", "completed": True}]})
    assert [(item.description, item.completed) for item in structured.action_items] == [
        ("Call Maria", False),
        ("Pay", True),
    ]


def test_nulls_and_unknown_fields_of_others_are_ignored() -> None:
    structured = Structured.model_validate({"title": None, "events": None, "sections": [{"heading": "x"}]})
    assert structured == Structured()


def test_an_event_may_carry_start_time_and_end_time() -> None:
    event = Event.model_validate(
        {"title": "Dentist", "start_time": "2026-05-04T12:00:00Z", "end_time": "2026-05-04T13:15:00Z"}
    )
    assert (event.start, event.duration) == (NOON, 75)
    assert (event.start_time, event.end_time) == (NOON, NOON + timedelta(minutes=75))


@pytest.mark.parametrize("end", ["2026-05-04T11:00:00Z", "2026-05-04T12:00:00Z", "whenever"])
def test_an_end_time_that_makes_no_sense_gives_the_default_duration(end: str) -> None:
    assert Event.model_validate({"title": "x", "start": NOON, "end_time": end}).duration == 30


def test_naive_times_are_utc_and_offsets_are_converted() -> None:
    naive = ActionItem.model_validate({"description": "x", "due_at": "2026-05-04T12:00:00"})
    offset = ActionItem(description="x", due_at=NOON.astimezone(timezone(timedelta(hours=2))))
    assert naive.due_at == offset.due_at == NOON
    assert naive.due_at is not None
    assert naive.due_at.tzinfo is UTC
    assert offset.due_at is not None
    assert offset.due_at.tzinfo is UTC


def test_firestore_datetimes_become_plain_ones() -> None:
    stored = DatetimeWithNanoseconds(2026, 5, 4, 12, 0, nanosecond=123456789, tzinfo=UTC)  # type: ignore[no-untyped-call]
    due_at = ActionItem(description="x", due_at=stored).due_at
    assert type(due_at) is datetime
    assert due_at == NOON.replace(microsecond=123456)


def test_an_instant_out_of_range_is_refused_as_invalid() -> None:
    with pytest.raises(ValidationError):
        ActionItem.model_validate({"description": "x", "due_at": "0001-01-01T00:00:00+10:00"})


def test_an_infinite_duration_is_refused_as_invalid() -> None:
    with pytest.raises(ValidationError):
        Event.model_validate({"title": "x", "start": NOON, "duration": float("inf")})


def test_assignments_are_validated_like_input() -> None:
    structured = _full()
    structured.category = "nonsense"  # type: ignore[assignment]  # that is the point
    structured.events[0].start = datetime(2026, 5, 4, 13, 0)  # noqa: DTZ001 - a naive one is the point
    assert structured.category is ConversationCategory.OTHER
    assert structured.events[0].start == datetime(2026, 5, 4, 13, 0, tzinfo=UTC)
    assert structured.title == "Budget Review"


def test_the_firestore_form_has_native_datetimes_and_plain_strings_and_round_trips() -> None:
    document = _full().to_firestore()
    assert type(document["category"]) is str
    assert document["events"][0]["start"] == NOON
    assert Structured.model_validate(document) == _full()


def test_the_json_form_round_trips_through_text() -> None:
    text = json.dumps(_full().to_json())
    assert '"2026-05-04T12:00:00Z"' in text
    assert Structured.model_validate_json(text) == _full()
