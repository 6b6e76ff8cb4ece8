"""Messages of any age can be read, and say what both generations of clients expect."""

from typing import Any

import pytest

from common.models.chat import ChatSession, FileChat, Message, MessageSender, MessageType, MessageView

OLD: dict[str, Any] = {"id": "m", "created_at": "2024-09-01T10:00:00", "sender": "ai"}


def test_the_oldest_messages_can_be_read() -> None:
    nulls = dict.fromkeys(("text", "type", "memories", "memories_id", "files", "files_id", "reported"))
    message = MessageView.model_validate({**OLD, **nulls, "plugin_id": "notes", "deleted": False})
    assert (message.app_id, message.plugin_id, message.text) == ("notes", "notes", "")
    wire = message.to_json()
    assert wire["created_at"] == "2024-09-01T10:00:00Z"
    assert (wire["memories"], wire["files"], wire["memories_id"], wire["files_id"]) == ([], [], [], [])


@pytest.mark.parametrize(("field", "value", "read"), [("type", "chart", "text"), ("sender", "robot", "ai")])
def test_what_this_version_does_not_know_stays_readable(field: str, value: str, read: str) -> None:
    assert getattr(MessageView.model_validate({**OLD, field: value}), field) == read


def test_null_in_one_name_leaves_the_other_its_say() -> None:
    message = MessageView.model_validate({**OLD, "app_id": None, "plugin_id": "p", "session_id": "s"})
    assert (message.app_id, message.chat_session_id, message.session_id) == ("p", "s", "s")


def test_what_is_stored_round_trips_without_copies_of_what_is_cited() -> None:
    cited = {"id": "c", "structured": {"title": "T", "emoji": None}, "created_at": "2026-05-04T12:00:00Z"}
    message = Message.model_validate({**OLD, "memories_id": ["c"], "memories": [cited], "rating": 1})
    stored = message.to_firestore()
    assert "memories" not in stored
    assert (stored["plugin_id"], stored["app_id"], stored["chat_session_id"]) == (None, None, None)
    assert (stored["sender"], stored["type"]) == (MessageSender.AI.value, MessageType.TEXT.value)
    assert Message.model_validate(stored) == message.model_copy(update={"memories": []})


def test_a_file_goes_by_its_id_under_both_names() -> None:
    file = FileChat.model_validate(
        {"id": "f", "name": "n", "mime_type": "image/png", "created_at": "2026-05-04T12:00:00Z", "thumbnail": None}
    )
    wire = file.to_json()
    assert (wire["openai_file_id"], wire["thumbnail"], wire["thumbnail_name"]) == ("f", "", "")


def test_a_session_of_before_there_were_titles_can_be_read() -> None:
    session = ChatSession.model_validate(
        {"id": "s", "created_at": "2024-09-01T10:00:00Z", "plugin_id": "p", "message_ids": ["m"], "title": None}
    )
    assert (session.title, session.app_id, session.message_count) == ("New Chat", "p", 0)
    assert session.updated_at == session.created_at
