"""Meetings of a user's calendar, over real HTTP."""

from typing import Any

import httpx
import pytest

from tests.wire.api.conftest import ApiAs

MEETINGS = "/v1/calendar/meetings"
PLANNING: dict[str, Any] = {
    "calendar_event_id": "A1",
    "calendar_source": "macos_calendar",
    "title": "Planning",
    "start_time": "2026-05-04T12:00:00Z",
    "end_time": "2026-05-04T13:30:00Z",
    "participants": [{"name": "Ada", "email": "ada@example.com"}],
}


def _store(api: httpx.Client, **fields: Any) -> str:
    answer = api.post(MEETINGS, json={**PLANNING, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.json()["calendar_event_id"] == fields.get("calendar_event_id", "A1")
    return str(answer.json()["meeting_id"])


def test_a_meeting_that_is_told_again_is_the_same_one_as_it_is_by_now(api: httpx.Client) -> None:
    first = _store(api)
    assert _store(api, title="Planning, again", end_time="2026-05-04T12:30:00Z") == first
    [meeting] = api.get(MEETINGS).json()
    assert (meeting["id"], meeting["title"], meeting["duration_minutes"]) == (first, "Planning, again", 30)
    assert api.get(f"{MEETINGS}/{first}").json() == meeting
    assert _store(api, calendar_source="google_calendar") != first


def test_they_are_listed_as_they_begin_between_two_moments_and_to_their_owner_only(
    api: httpx.Client, api_as: ApiAs, uid: str
) -> None:
    for hour in (14, 12, 13):
        moment = f"2026-05-04T{hour}:00:00Z"
        _store(api, calendar_event_id=str(hour), start_time=moment, end_time=moment)
    asked = {"start_date": "2026-05-04T12:30:00Z", "end_date": "2026-05-04T14:00:00Z"}
    assert [each["calendar_event_id"] for each in api.get(MEETINGS, params=asked).json()] == ["13", "14"]
    assert [each["calendar_event_id"] for each in api.get(MEETINGS, params={"limit": 1}).json()] == ["12"]
    assert api_as(f"{uid}-2").get(MEETINGS).json() == []


def test_one_that_is_cancelled_is_forgotten(api: httpx.Client) -> None:
    meeting_id = _store(api)
    assert api.delete(f"{MEETINGS}/{meeting_id}").status_code == 204
    assert api.delete(f"{MEETINGS}/{meeting_id}").status_code == 404
    assert api.get(f"{MEETINGS}/{meeting_id}").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendar_event_id": "  "},
        {"calendar_source": ""},
        {"end_time": "2026-05-04T11:00:00Z"},
        {"end_time": "2026-07-04T11:00:00Z"},
        {"start_time": None},
        {"participants": [{}] * 101},
        {"notes": "x" * 10_001},
    ],
)
def test_what_makes_no_sense_is_422_and_known_to_nobody(api: httpx.Client, wrong: dict[str, Any]) -> None:
    assert api.post(MEETINGS, json={**PLANNING, **wrong}).status_code == 422
    assert api.get(MEETINGS).json() == []
