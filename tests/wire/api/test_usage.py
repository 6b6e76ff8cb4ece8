"""What a user has used, over real HTTP: counted from what is stored."""

from datetime import datetime, timedelta

import httpx
import pytest

from common.core import clock
from common.database import conversations, users
from tests.support.making import a_conversation, a_segment
from tests.wire.api.conftest import ApiAs

NOTHING = {
    "transcription_seconds": 0,
    "speech_seconds": 0,
    "words_transcribed": 0,
    "insights_gained": 0,
    "memories_created": 0,
}


def _use(uid: str, conversation_id: str, created_at: datetime, *, words: int = 3) -> None:
    segments = [a_segment(" ".join(["word"] * words), 0, 4.0), a_segment("more", 5, 6.2)]
    conversation = a_conversation(
        id=conversation_id, status="completed", created_at=created_at, transcript_segments=segments
    )
    conversations.create(conversation, uid=uid)
    for name in ("memories", "action_items"):
        users.reference(uid=uid).collection(name).document(conversation_id).set({"created_at": created_at})


@pytest.mark.parametrize("period", ["today", "monthly", "yearly", "all_time"])
def test_who_has_used_nothing_is_told_so(api: httpx.Client, period: str) -> None:
    answer = api.get("/v1/users/me/usage", params={"period": period})
    assert answer.status_code == 200
    told = answer.json()
    assert (told[period], told["history"]) == (NOTHING, [])
    assert [name for name, value in told.items() if value is None] == [
        name for name in ("today", "monthly", "yearly", "all_time") if name != period
    ]


def test_what_was_said_is_summed_up(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    now = clock.now()
    _use(uid, "c1", now)
    _use(uid, "c2", now)
    _use(uid, "old", now - timedelta(days=800), words=10)
    _use(f"{uid}-2", "c1", now)
    today = {
        "transcription_seconds": 10,
        "speech_seconds": 10,
        "words_transcribed": 8,
        "insights_gained": 2,
        "memories_created": 2,
    }
    for period in ("today", "monthly", "yearly"):
        told = api.get("/v1/users/me/usage", params={"period": period}).json()
        assert told[period] == today
        assert [{**point, "date": None} for point in told["history"]] == [{**today, "date": None}]
    told = api.get("/v1/users/me/usage", params={"period": "all_time"}).json()
    assert told["all_time"]["words_transcribed"] == 19
    assert [point["words_transcribed"] for point in told["history"]] == [11, 8]
    assert told["history"][1]["date"] == str(now.year)
    assert api_as(f"{uid}-2").get("/v1/users/me/usage").json()["today"]["words_transcribed"] == 4


def test_what_is_deleted_is_not_counted_any_more(api: httpx.Client, uid: str) -> None:
    _use(uid, "c1", clock.now())
    conversations.delete(uid=uid, conversation_id="c1")
    assert api.get("/v1/users/me/usage").json()["today"]["words_transcribed"] == 0


def test_old_documents_with_other_times_hide_nothing(api: httpx.Client, uid: str) -> None:
    _use(uid, "c1", clock.now())
    users.reference(uid=uid).collection("memories").document("old").set({"created_at": "2024-05-04"})
    told = api.get("/v1/users/me/usage?period=all_time").json()
    assert told["all_time"]["words_transcribed"] == 4


def test_everybody_has_the_plan_without_limits(api: httpx.Client, uid: str) -> None:
    _use(uid, "c1", clock.now())
    told = api.get("/v1/users/me/subscription").json()
    assert (told["subscription"]["plan"], told["subscription"]["status"]) == ("unlimited", "active")
    assert (told["words_transcribed_used"], told["words_transcribed_limit"]) == (4, 0)
    assert (told["transcription_seconds_used"], told["memories_created_used"]) == (5, 1)
    assert told["chat_quota_allowed"] is True
    assert told["show_subscription_ui"] is False
    assert told["available_plans"] == []
    assert told["transcription_allowance"]["mode"] == "managed"


def test_a_period_that_is_none_is_422(api: httpx.Client) -> None:
    assert api.get("/v1/users/me/usage?period=weekly").status_code == 422


def test_nobody_is_limited_and_what_was_said_is_counted_by_day(api: httpx.Client, uid: str) -> None:
    now = clock.now()
    for number, days in enumerate((0, 2, 6, 8)):
        conversations.create(
            a_conversation(
                id=f"c{number}",
                status="completed",
                created_at=now - timedelta(days=days),
                transcript_segments=[a_segment("word", 0, 3600.0)],
            ),
            uid=uid,
        )
    told = api.get("/v1/fair-use/status").json()
    assert told == {
        "stage": "none",
        "case_ref": "",
        "message": "",
        "speech_hours_today": 1.0,
        "speech_hours_3day": 2.0,
        "speech_hours_weekly": 3.0,
        "limits": {"daily_hours": 0.0, "three_day_hours": 0.0, "weekly_hours": 0.0},
        "usage_pct": {"daily": 0.0, "three_day": 0.0, "weekly": 0.0},
    }
