"""What FCM is asked to send: the kinds of CONTRACT section 5.9, within its limits."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.models.notification import Notification
from common.notifications.payloads import LARGEST_PAYLOAD, collapse_key, cut, fitting, message_for
from local.fcm.messages import checked
from tests.support.making import NOON

DEVICE = "t"


def _notification(kind: str, **fields: Any) -> Notification:
    return Notification.model_validate(
        {"id": "n1", "kind": kind, "title": "Title", "body": "Body", "created_at": NOON, **fields}
    )


def _message(kind: str, **fields: Any) -> dict[str, Any]:
    """The message, which the local FCM takes."""
    return checked({"message": message_for(_notification(kind, **fields), uid="u", token=DEVICE)})


class TestDataOnly:
    """The app shows these by itself."""

    def test_an_important_conversation_is_data_and_nothing_is_shown(self) -> None:
        data = {"conversation_id": "c1", "navigate_to": "/conversation/c1?share=1"}
        message = _message("important_conversation", data=data)
        assert message["data"] == {"type": "important_conversation", **data}
        assert "notification" not in message
        assert "webpush" not in message
        assert "notification" not in message["android"]
        assert message["apns"]["payload"] == {"aps": {"content-available": 1}}
        assert message["apns"]["headers"]["apns-push-type"] == "background"

    def test_a_reminder_wakes_a_sleeping_device_and_a_dropped_one_does_not(self) -> None:
        data = {"action_item_id": "a1", "description": "Call", "due_at": "2026-05-04T12:00:00+00:00"}
        assert _message("action_item_reminder", data=data)["android"]["priority"] == "HIGH"
        assert _message("action_item_reminder", data=data)["data"] == {"type": "action_item_reminder", **data}
        assert _message("action_item_delete", data=data)["android"]["priority"] == "NORMAL"


class TestMessages:
    """These stand in a chat, too."""

    def test_a_day_is_a_message_of_the_assistant(self) -> None:
        message = _message("daily_summary", data={"navigate_to": "/daily-summary/2026-05-04"})
        assert message["notification"] == {"title": "Title", "body": "Body"}
        assert message["data"] == {
            "id": "n1",
            "created_at": "2026-05-04T12:00:00+00:00",
            "sender": "ai",
            "from_integration": "false",
            "type": "day_summary",
            "notification_type": "daily_summary",
            "text": "Body",
            "navigate_to": "/daily-summary/2026-05-04",
        }

    def test_an_app_says_who_it_is(self) -> None:
        data = {"plugin_id": "a1", "from_integration": "true", "navigate_to": "/chat/a1"}
        told = _message("app_message", app_id="a1", data=data)["data"]
        assert told.items() >= {**data, "type": "text", "notification_type": "plugin", "text": "Body"}.items()

    @pytest.mark.parametrize(("size", "kept"), [(3000, 3000), (3001, 0)])
    def test_blocks_above_3000_bytes_are_left_out(self, size: int, kept: int) -> None:
        message = _message("app_message", body="b", data={"content_blocks": "x" * size})
        assert len(message["data"].get("content_blocks", "")) == kept


class TestTheRest:
    """Reviews, announcements, warnings."""

    def test_a_review_leads_to_the_app(self) -> None:
        data = {"app_id": "a1", "navigate_to": "/apps/a1"}
        message = _message("new_app_review", data=data)
        assert message["data"] == {"type": "new_app_review", **data}
        assert message["notification"] == {"title": "Title", "body": "Body"}

    def test_names_that_fcm_keeps_to_itself_are_left_out(self) -> None:
        data = {"from": "x", "google.c": "x", "gcm.x": "x", "message_type": "x", "notification": "x", "fromage": "brie"}
        assert _message("announcement", data=data)["data"] == {"type": "announcement", "fromage": "brie"}

    @pytest.mark.parametrize(
        ("link", "options"),
        [("https://omi.me/x", {"link": "https://omi.me/x"}), ("http://omi.me/x", None), ("/apps/a1", None), ("", None)],
    )
    def test_a_browser_is_led_to_https_alone(self, link: str, options: dict[str, str] | None) -> None:
        webpush = _message("announcement", data={"navigate_to": link})["webpush"]
        assert webpush.get("fcm_options") == options


class TestTheKey:
    """A second copy replaces the first one."""

    def test_it_is_sixteen_hex_digits_and_the_same_for_the_same(self) -> None:
        key = collapse_key(_notification("k"), uid="u")
        assert len(key) == 16
        int(key, 16)
        message = _message("k")
        assert message["android"]["notification"]["tag"] == key
        assert message["webpush"]["notification"]["tag"] == key
        assert message["apns"]["headers"]["apns-collapse-id"] == key

    def test_another_user_text_or_notification_has_another(self) -> None:
        one = _notification("k")
        keys = {
            collapse_key(one, uid="u"),
            collapse_key(one, uid="v"),
            collapse_key(one.model_copy(update={"id": "n2"}), uid="u"),
            collapse_key(one.model_copy(update={"title": "Other"}), uid="u"),
            collapse_key(one.model_copy(update={"body": "Other"}), uid="u"),
        }
        assert len(keys) == 5


class TestSize:
    """What FCM does not take is never sent."""

    def test_a_long_text_is_cut_in_both_places_and_says_so(self) -> None:
        message = _message("app_message", body="wörd " * 1500, data={"navigate_to": "/chat/a1"})
        assert message["notification"]["body"].endswith("…")
        assert message["data"]["text"].endswith("…")
        assert message["data"]["navigate_to"] == "/chat/a1"

    def test_data_that_nobody_can_cut_goes_largest_first(self) -> None:
        data = {f"k{n}": "x" * (100 + n) for n in range(50)}
        told = _message("announcement", data=data)["data"]
        assert told["type"] == "announcement"
        assert "k0" in told
        assert "k49" not in told

    @given(
        title=st.text(max_size=3000),
        body=st.text(max_size=3000),
        data=st.dictionaries(st.text("abcd", min_size=1, max_size=5), st.text(max_size=2000), max_size=5),
        kind=st.sampled_from(["app_message", "announcement", "action_item_reminder"]),
    )
    def test_whatever_is_told_fits(self, title: str, body: str, data: dict[str, str], kind: str) -> None:
        message = _message(kind, title=title, body=body, data=data | {"navigate_to": "/x" * 2000, "id": body})
        told = {"notification": message.get("notification", {}), "data": message["data"]}
        assert len(json.dumps(told, ensure_ascii=False).encode()) <= LARGEST_PAYLOAD

    def test_what_fits_stays_as_it_is(self) -> None:
        assert fitting({"title": "T"}, {"a": "b"}) == ({"title": "T"}, {"a": "b"})

    @given(text=st.text(), bytes_=st.integers(3, 60))
    def test_a_cut_text_is_as_long_as_was_asked_and_still_text(self, text: str, bytes_: int) -> None:
        shortened = cut(text, bytes_)
        assert len(shortened.encode()) <= max(bytes_, 3)
        assert shortened == text or shortened.endswith("…")
