"""What a user is told on a device, through the running cloud, which delivers every event twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

UID, PHONE = "told-user", "phone"
SAID = [
    "We should renew the contract with the landlord before Friday.",
    "I will call the landlord tomorrow and send the signed contract back.",
    "Fine, then the budget for the flat stays at nine hundred a month.",
]


def test_a_device_is_reminded_told_of_a_long_conversation_and_of_the_day(start_cloud: StartCloud) -> None:
    cloud = start_cloud("--time-scale", "20", "--deliver-twice")
    with cloud.client(UID) as api:
        registration = {"fcm_token": PHONE, "time_zone": "Pacific/Kiritimati"}
        assert api.post("/v1/users/fcm-token", json=registration).status_code == 200
        due_at = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        item = api.post("/v1/action-items", json={"description": "Call the landlord", "due_at": due_at}).json()
        reminder = eventually(lambda: _sent(cloud, "action_item_reminder"), within_s=30, what="a reminder")
        assert reminder["data"]["action_item_id"] == item["id"]

        conversation_id = _converse(api, minutes=40)
        told = eventually(lambda: _sent(cloud, "important_conversation"), within_s=60, what="news")
        assert told["data"]["conversation_id"] == conversation_id

        end = cloud.inside.firestore.document("users", UID, "day_ends", "next")
        expected = end.get().to_dict() or {}
        assert expected["at"] > datetime.now(UTC)
        now = datetime.now(UTC)
        end.update({"at": now, "look_at": now})
        day = eventually(lambda: _sent(cloud, "day_summary"), within_s=60, what="the day")
        [summary] = api.get("/v1/users/daily-summaries").json()["summaries"]
        assert day["data"]["navigate_to"] == f"/daily-summary/{summary['id']}"
        assert summary["stats"]["total_conversations"] == 1
        assert day["notification"]["body"] == summary["overview"]
        newest = api.get("/v2/messages").json()[0]
        assert newest["type"] == "day_summary"
        assert summary["headline"] in newest["text"]
        assert all(_sent(cloud, kind) for kind in ("action_item_reminder", "important_conversation", "day_summary"))


def _sent(cloud: RunningCloud, kind: str) -> dict[str, Any] | None:
    """What the device would have got of a kind, if it would have."""
    shown = httpx.get(f"{cloud.environment['FCM_URL']}/outbox", params={"token": PHONE}, trust_env=False).json()
    found: list[dict[str, Any]] = [message for message in shown["messages"] if message["data"]["type"] == kind]
    alarms = {message["data"].get("action_item_id"): message["data"] for message in found}
    assert len(found) <= 1 or kind == "action_item_reminder", "only an alarm may be set twice"
    assert all(message["data"] == alarms[message["data"].get("action_item_id")] for message in found), "the same one"
    return found[-1] if found else None


def _converse(api: httpx.Client, *, minutes: int) -> str:
    key = api.post("/v1/dev/keys", json={"name": "test", "scopes": ["conversations:write"]}).json()["key"]
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    segments = [
        {"text": text, "speaker": f"SPEAKER_0{number % 2}", "start": number * 5, "end": number * 5 + 4}
        for number, text in enumerate(SAID)
    ]
    body = {
        "transcript_segments": segments,
        "source": "phone",
        "started_at": began.isoformat(),
        "finished_at": (began + timedelta(minutes=minutes - 1)).isoformat(),
    }
    made = api.post("/v1/dev/user/conversations/from-segments", json=body, headers={"Authorization": f"Bearer {key}"})
    assert made.status_code == 200, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id
