"""Which device is asked to export, and what one message says."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from common.action_items.elsewhere.apple_reminders import best_device, data_of, in_messages
from common.models.action_item import ActionItem
from common.models.fcm_token import FcmToken
from common.notifications.payloads import LARGEST_PAYLOAD, fitting

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _device(name: str, platform: str, *, hours: int | None = 0) -> FcmToken:
    created_at = None if hours is None else NOON + timedelta(hours=hours)
    return FcmToken(id=name, token=name, platform=platform, created_at=created_at)


def _item(number: int, description: str = "Call the landlord", *, due_at: datetime | None = None) -> ActionItem:
    return ActionItem(
        id=f"i{number}", uid="u", description=description, created_at=NOON, updated_at=NOON, due_at=due_at
    )


@pytest.mark.parametrize(
    ("devices", "best"),
    [
        ([], None),
        ([_device("a", "android"), _device("w", "web")], None),
        ([_device("a", "ios"), _device("b", "macos", hours=1), _device("c", "android", hours=2)], "b"),
        ([_device("a", "ios"), _device("b", "unknown", hours=1)], "a"),
        ([_device("a", "unknown", hours=None), _device("b", "unknown", hours=None)], "b"),
        ([_device("a", "ios", hours=None), _device("b", "ios")], "b"),
    ],
)
def test_the_apple_device_that_was_used_last_is_asked(devices: list[FcmToken], best: str | None) -> None:
    found = best_device(devices)
    assert (found.id if found else None) == best


def test_a_message_names_its_first_item_by_itself_and_all_in_one_text() -> None:
    data = data_of([_item(1, due_at=NOON), _item(2, 'Say "über"')])
    assert (data["action_item_id"], data["description"], data["due_at"]) == (
        "i1",
        "Call the landlord",
        "2026-05-04T12:00:00+00:00",
    )
    assert json.loads(data["items"]) == [
        {"id": "i1", "description": "Call the landlord", "due_at": "2026-05-04T12:00:00+00:00"},
        {"id": "i2", "description": 'Say "über"', "due_at": None},
    ]
    assert data_of([_item(2)])["due_at"] == ""


@pytest.mark.parametrize("description", ["x", "x" * 2000, "ü" * 1000, '"' * 400])
def test_every_item_is_in_one_message_and_no_message_is_cut(description: str) -> None:
    items = [_item(number, description) for number in range(30)]
    groups = in_messages(items)
    assert [item for group in groups for item in group] == items
    for group in groups:
        data = {"type": "apple_reminders_sync", **data_of(group)}
        assert fitting({}, data) == ({}, data)
        assert len(json.dumps(data, ensure_ascii=False).encode()) <= LARGEST_PAYLOAD
    assert len(groups) < 30 or len(description) > 200, "short items share a message"
