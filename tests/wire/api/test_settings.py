"""Settings over real HTTP: what is there before anything is set, what is set, and what is refused."""

import json
from typing import Any

import httpx
import pytest

from common.core import clock
from common.database import users
from common.users.places import last_place
from tests.support.making import at
from tests.wire.api.conftest import ApiAs

UNSET: dict[str, Any] = {
    "language": {"language": None},
    "transcription-preferences": {
        "single_language_mode": False,
        "vocabulary": [],
        "language": "",
        "uses_custom_stt": False,
        "custom_stt_since": None,
    },
    "available-languages": {"languages": [{"code": "en", "name": "English"}]},
    "onboarding": {"completed": False, "acquisition_source": "", "device_onboarding_completed": False},
    "store-recording-permission": {"store_recording_permission": False},
    "private-cloud-sync": {"private_cloud_sync_enabled": False},
    "training-data-opt-in": {"opted_in": False, "status": None},
    "daily-summary-settings": {"enabled": True, "hour": 22},
    "mentor-notification-settings": {"frequency": 0},
    "silence-notification-settings": {"enabled": True},
    "developer/webhooks/status": {
        "audio_bytes": False,
        "memory_created": False,
        "realtime_transcript": False,
        "day_summary": False,
        "button_event": False,
    },
    "developer/webhook/memory_created": {"url": ""},
    "creator-profile": None,
    "creator-stats": {"apps_count": 0, "installs_count": 0, "usage_count": 0, "money_made": 0.0},
    "daily-summaries": {"summaries": []},
}
DONE = {"status": "ok"}


@pytest.mark.parametrize("name", UNSET)
def test_before_anything_is_set_there_are_defaults(api: httpx.Client, name: str) -> None:
    answer = api.get(f"/v1/users/{name}")
    assert (answer.status_code, answer.json()) == (200, UNSET[name])


@pytest.mark.parametrize(
    ("method", "name", "body", "shown"),
    [
        ("PATCH", "transcription-preferences", {"single_language_mode": True}, {"single_language_mode": True}),
        ("PATCH", "transcription-preferences", {"vocabulary": [" Opus ", "", "Opus"]}, {"vocabulary": ["Opus"]}),
        ("PATCH", "onboarding", {"completed": True}, {"completed": True, "acquisition_source": ""}),
        ("PATCH", "onboarding", {"acquisition_source": "a\0b"}, {"completed": False, "acquisition_source": "a\0b"}),
        ("PATCH", "daily-summary-settings", {"hour": 7}, {"enabled": True, "hour": 7}),
        ("PATCH", "daily-summary-settings", {"enabled": False}, {"enabled": False, "hour": 22}),
        ("PATCH", "mentor-notification-settings", {"frequency": 5}, {"frequency": 5}),
        ("PATCH", "silence-notification-settings", {"enabled": False}, {"enabled": False}),
        ("POST", "store-recording-permission?value=true", None, {"store_recording_permission": True}),
        ("POST", "private-cloud-sync?value=true", None, {"private_cloud_sync_enabled": True}),
        ("POST", "training-data-opt-in", None, {"opted_in": True, "status": "pending_review"}),
        ("POST", "creator-profile", {"creator_name": "Ann"}, {"creator_name": "Ann", "is_active": True}),
    ],
)
def test_what_is_set_is_shown_and_only_to_this_user(
    api: httpx.Client, api_as: ApiAs, uid: str, method: str, name: str, body: Any, shown: dict[str, Any]
) -> None:
    answer = api.request(method, f"/v1/users/{name}", json=body)
    assert (answer.status_code, answer.json()) == (200, DONE)
    path = name.partition("?")[0]
    assert shown.items() <= api.get(f"/v1/users/{path}").json().items()
    assert api_as(f"{uid}-2").get(f"/v1/users/{path}").json() == UNSET[path]


@pytest.mark.parametrize(
    ("method", "name", "body"),
    [
        ("PATCH", "language", {"language": "english please"}),
        ("PATCH", "language", {"language": "x" * 36}),
        ("PATCH", "language", {}),
        ("PATCH", "transcription-preferences", {"vocabulary": ["x"] * 101}),
        ("PATCH", "transcription-preferences", {"vocabulary": ["x" * 101]}),
        ("PATCH", "transcription-preferences", {"vocabulary": ["\ud800"]}),
        ("PATCH", "onboarding", {"acquisition_source": "x" * 201}),
        ("PATCH", "daily-summary-settings", {"hour": 24}),
        ("PATCH", "daily-summary-settings", {"hour": -1}),
        ("PATCH", "mentor-notification-settings", {"frequency": 6}),
        ("PATCH", "silence-notification-settings", {"enabled": None}),
        ("PATCH", "geolocation", {"latitude": 91, "longitude": 0}),
        ("PATCH", "geolocation", {"latitude": float("nan"), "longitude": 0}),
        ("PATCH", "geolocation", {}),
        ("PATCH", "profile", {"time_zone": "Mars/Olympus"}),
        ("PATCH", "profile", {"time_zone": "../../etc/passwd"}),
        ("PATCH", "creator-profile", {"creator_email": "nobody"}),
        ("POST", "creator-profile", {"creator_name": ""}),
        ("POST", "store-recording-permission", None),
        ("POST", "private-cloud-sync?value=perhaps", None),
        ("PUT", "preferences/app", None),
        ("POST", "fcm-token", {"fcm_token": ""}),
        ("POST", "fcm-token", {"fcm_token": "x", "time_zone": "Mars/Olympus"}),
        ("POST", "developer/webhook/other", {"url": ""}),
        ("GET", "daily-summaries?limit=101", None),
    ],
)
def test_what_makes_no_sense_is_422_and_sets_nothing(
    api: httpx.Client, uid: str, method: str, name: str, body: Any
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    answer = api.request(method, f"/v1/users/{name}", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert not users.reference(uid=uid).get().exists


@pytest.mark.parametrize("name", ["transcription-preferences", "onboarding", "daily-summary-settings", "profile"])
def test_an_empty_body_changes_nothing(api: httpx.Client, name: str) -> None:
    answer = api.patch(f"/v1/users/{name}", content=b"", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, DONE)


def test_changes_of_one_setting_keep_each_other(api: httpx.Client) -> None:
    api.patch("/v1/users/transcription-preferences", json={"vocabulary": ["Opus", "Earshot"]})
    api.patch("/v1/users/transcription-preferences", json={"single_language_mode": True})
    answer = api.patch("/v1/users/language", json={"language": "de"})
    assert answer.json() == {"status": "ok", "single_language_mode": True}
    found = api.get("/v1/users/transcription-preferences").json()
    assert (found["vocabulary"], found["language"]) == (["Opus", "Earshot"], "de")
    api.patch("/v1/users/language", json={"language": ""})
    assert api.get("/v1/users/language").json() == {"language": None}


def test_whatever_is_spoken_is_written_as_recognisers_understand_it(api: httpx.Client) -> None:
    api.patch("/v1/users/language", json={"language": "auto"})
    assert api.get("/v1/users/language").json() == {"language": "multi"}


def test_the_profile_says_what_the_user_is_called(api: httpx.Client, uid: str) -> None:
    api.patch("/v1/users/profile", json={"name": "Ann", "time_zone": "Europe/Berlin"})
    shown = api.get("/v1/users/profile").json()
    assert (shown["uid"], shown["name"], shown["time_zone"]) == (uid, "Ann", "Europe/Berlin")
    assert users.display_name(uid=uid) == "Ann"


def test_a_place_is_kept_with_its_time(api: httpx.Client, uid: str) -> None:
    before = clock.now()
    assert last_place(uid=uid, since=before) is None
    answer = api.patch("/v1/users/geolocation", json={"latitude": 52, "longitude": 13.4, "altitude": 3})
    assert answer.json() == DONE
    place = last_place(uid=uid, since=before)
    assert place is not None
    assert (place.latitude, place.longitude) == (52.0, 13.4)
    assert last_place(uid=uid, since=clock.now()) is None


def test_the_preferred_app_is_kept(api: httpx.Client, uid: str) -> None:
    assert api.put("/v1/users/preferences/app?app_id=a1", content=b"").json() == DONE
    assert users.find(uid=uid).preferred_app_id == "a1"


def test_a_creators_profile_is_changed_in_parts(api: httpx.Client) -> None:
    api.post("/v1/users/creator-profile", json={"creator_name": "Ann", "creator_email": "ann@example.org"})
    api.patch("/v1/users/creator-profile", json={"is_active": False})
    assert api.get("/v1/users/creator-profile").json() == {
        "creator_name": "Ann",
        "creator_email": "ann@example.org",
        "is_active": False,
    }


class TestDailySummaries:
    """What the days were, once something makes them."""

    def test_days_are_listed_read_and_deleted(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        days = users.reference(uid=uid).collection("daily_summaries")
        for date in ("2026-05-03", "2026-05-04"):
            days.document(date).set({"date": date, "headline": "H", "created_at": at(0), "stats": {"new": 1}})
        listed = api.get("/v1/users/daily-summaries?limit=1").json()["summaries"]
        assert [day["date"] for day in listed] == ["2026-05-04"]
        assert listed[0]["created_at"] == "2026-05-04T12:00:00Z"
        path = "/v1/users/daily-summaries/2026-05-03"
        assert api_as(f"{uid}-2").get(path).status_code == 404
        assert api_as(f"{uid}-2").delete(path).status_code == 404
        assert api.get(path).json()["headline"] == "H"
        assert api.delete(path).json() == DONE
        assert api.get(path).status_code == 404
