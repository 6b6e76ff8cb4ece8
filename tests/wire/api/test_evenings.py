"""The end of the day over HTTP: it moves with what the user sets, and what days were is theirs alone."""

from datetime import UTC

import httpx

from common.conversations.finished import note_completed
from common.core import clock
from common.database import conversations, daily_summaries, day_ends
from common.models.daily_summary import DailySummary
from common.models.events import ConversationCompleted
from tests.support.making import a_conversation
from tests.wire.api.conftest import ApiAs

SETTINGS = "/v1/users/daily-summary-settings"
DAYS = "/v1/users/daily-summaries"


def _expected_hour(uid: str) -> int | None:
    end = day_ends.find(uid=uid)
    return None if end is None else end.at.astimezone(UTC).hour


def _say(uid: str) -> None:
    now = clock.now()
    conversations.create(a_conversation(status="completed", started_at=now, finished_at=now), uid=uid)
    note_completed(ConversationCompleted(uid=uid, conversation_id="c1", run=1))


def test_an_evening_that_is_expected_moves_with_the_hour_and_the_zone_and_ends_with_the_wish(
    api: httpx.Client, uid: str
) -> None:
    _say(uid)
    assert _expected_hour(uid) == 22
    assert api.patch(SETTINGS, json={"hour": 20}).status_code == 200
    assert _expected_hour(uid) == 20
    api.patch("/v1/users/profile", json={"time_zone": "Asia/Tokyo"})
    assert _expected_hour(uid) == 11
    api.post("/v1/users/fcm-token", json={"fcm_token": f"t {uid}", "time_zone": "Pacific/Kiritimati"})
    assert _expected_hour(uid) == 6
    api.patch(SETTINGS, json={"enabled": False})
    assert _expected_hour(uid) is None
    assert api.get(SETTINGS).json() == {"enabled": False, "hour": 20}


def test_settings_expect_no_evening_by_themselves(api: httpx.Client, uid: str) -> None:
    api.patch(SETTINGS, json={"enabled": True, "hour": 7})
    assert _expected_hour(uid) is None


def test_days_are_the_users_alone(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    day = DailySummary(
        id="2026-05-04", date="2026-05-04", headline="H", conversation_ids=["c1"], created_at=clock.now()
    )
    daily_summaries.of(uid=uid).put(day)
    assert [each["headline"] for each in api.get(DAYS).json()["summaries"]] == ["H"]
    assert api.get(f"{DAYS}/2026-05-04").json()["conversation_ids"] == ["c1"]
    other = api_as(f"{uid}-2")
    assert other.get(DAYS).json() == {"summaries": []}
    assert other.get(f"{DAYS}/2026-05-04").status_code == 404
    assert other.delete(f"{DAYS}/2026-05-04").status_code == 404
    assert api.delete(f"{DAYS}/2026-05-04").status_code == 200
    assert api.get(DAYS).json() == {"summaries": []}
