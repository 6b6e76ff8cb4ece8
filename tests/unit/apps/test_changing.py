"""What the names of apps' tools say of what they do."""

import pytest

from common.apps.changing import sounds_like_a_change


@pytest.mark.parametrize(
    "name",
    [
        "send_email",
        "gmail-send-message",
        "page.create",
        "deleteAll",
        "addPage",
        "DELETE_PAGE",
        "mark_as_read",
        "HTTPPost",
    ],
)
def test_what_says_so_changes_something(name: str) -> None:
    assert sounds_like_a_change(name)


@pytest.mark.parametrize(
    "name",
    [
        "weather",
        "list_sent_mail",
        "search_and_replace",
        "getUpdates",
        "settings",
        "sender_of",
        "",
        "\u0434\u0430",
        "read",
    ],
)
def test_what_asks_or_says_nothing_changes_nothing(name: str) -> None:
    assert not sounds_like_a_change(name)
