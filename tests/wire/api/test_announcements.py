"""`/v1/announcements` over HTTP: who is told what, when, and until they have had enough of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.core import clock
from common.database import announcements
from tests.wire.api.conftest import ApiAs

PATH = "/v1/announcements"
ASKING = {"app_version": "1.0.510+520", "platform": "ios", "trigger": "app_launch"}
WORDS: dict[str, Any] = {
    "title": "Maintenance",
    "body": "On Sunday",
    "cta": {"text": "More", "action": "https://x.test"},
}


@pytest.fixture
def admin(admin: httpx.Client) -> Iterator[httpx.Client]:
    """An administrator; what they told is forgotten afterwards."""
    yield admin
    announcements.ALL.delete_many([each.id for each in announcements.list_newest()])


def _tell(admin: httpx.Client, **fields: Any) -> str:
    targeting = {"trigger": "immediate", **fields.pop("targeting", {})}
    answer = admin.post(PATH, json={"type": "announcement", "content": WORDS, "targeting": targeting, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def _told(api: httpx.Client, **asking: str) -> list[str]:
    answer = api.get(f"{PATH}/pending", params=ASKING | asking)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


def test_users_are_told_with_the_most_important_first(admin: httpx.Client, api: httpx.Client) -> None:
    low, high = _tell(admin), _tell(admin, display={"priority": 5})
    assert _told(api) == [high, low]
    [_, shown] = api.get(f"{PATH}/pending", params=ASKING).json()
    assert (shown["type"], shown["active"], shown["content"]["cta"]["text"]) == ("announcement", True, "More")
    assert shown["created_at"].endswith("Z")
    assert shown["targeting"]["trigger"] == "immediate"
    assert shown["display"] == {
        "priority": 0,
        "start_at": None,
        "expires_at": None,
        "dismissible": True,
        "show_once": True,
    }


def test_what_a_user_has_dismissed_comes_back_to_others_and_where_it_is_meant_to(
    admin: httpx.Client, api: httpx.Client, api_as: ApiAs, uid: str
) -> None:
    once, always = _tell(admin, display={"priority": 1}), _tell(admin, display={"show_once": False})
    for each in (once, always):
        assert api.post(f"{PATH}/{each}/dismiss", json={"cta_clicked": True}).status_code == 200
    assert _told(api) == [always]
    assert _told(api_as(f"{uid}-2")) == [once, always]
    assert announcements.dismissed_by(uid=uid).get(once).cta_clicked is True
    assert api.post(f"{PATH}/nothing/dismiss").status_code == 404


@pytest.mark.parametrize(
    ("targeting", "asking", "told"),
    [
        ({"trigger": "version_upgrade"}, {}, False),
        ({"trigger": "version_upgrade"}, {"trigger": "version_upgrade"}, True),
        ({"trigger": "firmware_upgrade"}, {"trigger": "firmware_upgrade"}, True),
        ({"app_version_min": "1.0.511"}, {}, False),
        ({"app_version_min": "1.0.510"}, {}, True),
        ({"app_version_min": "1.0.51"}, {}, True),
        ({"app_version_max": "1.0.99"}, {}, False),
        ({"app_version_max": "1.0.510+520"}, {}, True),
        ({"app_version_max": "1.0"}, {"app_version": "1.0.0"}, True),
        ({"firmware_version_min": "2.0"}, {}, False),
        ({"firmware_version_min": "2.0"}, {"firmware_version": "v2.0.1"}, True),
        ({"platforms": ["android"]}, {}, False),
        ({"platforms": ["android", "ios"]}, {}, True),
        ({"device_models": ["Omi CV 1"]}, {}, False),
        ({"device_models": ["Omi CV 1"]}, {"device_model": "Omi CV 1"}, True),
    ],
)
def test_only_those_are_told_who_are_meant(
    admin: httpx.Client, api: httpx.Client, targeting: dict[str, Any], asking: dict[str, str], *, told: bool
) -> None:
    meant = _tell(admin, targeting=targeting)
    assert _told(api, **asking) == ([meant] if told else [])


def test_nobody_is_told_too_early_too_late_or_what_was_taken_back(admin: httpx.Client, api: httpx.Client) -> None:
    before, after = ((clock.now() + by).isoformat() for by in (timedelta(hours=-1), timedelta(hours=1)))
    _tell(admin, display={"start_at": after})
    _tell(admin, display={"expires_at": before})
    _tell(admin, expires_at=before)
    _tell(admin, active=False)
    current = _tell(admin, display={"start_at": before, "expires_at": after})
    assert _told(api) == [current]
    assert len(admin.get(PATH).json()) == 5
    assert admin.delete(f"{PATH}/{current}").status_code == 204
    assert admin.delete(f"{PATH}/{current}").status_code == 404
    assert _told(api) == []


def test_changelogs_are_read_up_to_a_version(admin: httpx.Client, api: httpx.Client) -> None:
    changes = {"title": "New", "changes": [{"title": "Faster", "description": "twice"}]}
    for version in ("1.0.9", "1.0.10", "1.0.11"):
        _tell(admin, type="changelog", app_version=version, content=changes)
    _tell(admin, type="changelog", content=changes)

    def versions(**params: Any) -> list[str]:
        return [each["app_version"] for each in api.get(f"{PATH}/changelogs", params=params).json()]

    assert versions() == ["1.0.11", "1.0.10", "1.0.9"]
    assert versions(max_version="1.0.10", limit=1) == ["1.0.10"]
    assert _told(api) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "announcement", "content": {"title": "x", "changes": []}},
        {"type": "changelog", "content": WORDS},
        {"type": "rumour", "content": WORDS},
        {"type": "announcement"},
        {"type": "announcement", "content": WORDS, "targeting": {"trigger": "never"}},
    ],
)
def test_what_cannot_be_shown_is_not_told(admin: httpx.Client, wrong: dict[str, Any]) -> None:
    assert admin.post(PATH, json=wrong).status_code == 422
    assert admin.get(PATH).json() == []


def test_what_is_sent_again_under_its_key_is_told_once(admin: httpx.Client, api: httpx.Client) -> None:
    said = {"type": "announcement", "content": WORDS, "targeting": {"trigger": "immediate"}}
    headers = {"Idempotency-Key": f"sunday {clock.now()}"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: admin.post(PATH, json=said, headers=headers).json(), range(4)))
    assert _told(api) == [answers[0]["id"]]
    assert all(answer == answers[0] for answer in answers)
    other = {**said, "content": {**WORDS, "body": "On Monday"}}
    assert admin.post(PATH, json=other, headers=headers).status_code == 422
    assert len({_tell(admin), _tell(admin), answers[0]["id"]}) == 3
