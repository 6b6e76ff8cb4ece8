"""Which messages make a chat, and what a session knows of its own."""

import pytest

from common.core import clock
from common.core.errors import ConflictError, NotFoundError
from common.database import chat_sessions, messages
from common.database.messages import Chat
from common.models.chat import ChatSession, Message, MessageSender
from tests.support.stores import Stores


def _message(message_id: str, **fields: object) -> Message:
    known = {"id": message_id, "text": message_id, "created_at": clock.now(), "sender": MessageSender.HUMAN}
    return Message.model_validate(known | fields)


def _session(uid: str) -> ChatSession:
    now = clock.now()
    return chat_sessions.of(uid=uid).create(ChatSession(id="s", created_at=now, updated_at=now))


def _ids(chat: Chat, uid: str) -> list[str]:
    return [message.id for message in messages.list_newest(chat, uid=uid, limit=10)]


@pytest.fixture(autouse=True)
def _stores(stores: Stores) -> None:
    del stores


def test_the_main_chat_an_apps_and_a_sessions_are_three(uid: str) -> None:
    _session(uid)
    for message in (_message("main"), _message("app", app_id="notes"), _message("session", chat_session_id="s")):
        messages.add(message, uid=uid)
    messages.add(_message("both", app_id="notes", chat_session_id="s"), uid=uid)
    assert _ids(Chat(), uid) == ["main"]
    assert _ids(Chat(app_id="notes"), uid) == ["app"]
    assert _ids(Chat(session_id="s"), uid) == ["both", "session"]
    assert messages.count(Chat(session_id="s"), uid=uid) == 2


def test_pages_do_not_overlap_when_messages_come_in_between(uid: str) -> None:
    for number in range(4):
        messages.add(_message(f"m{number}"), uid=uid)
    first = messages.list_newest(Chat(), uid=uid, limit=2)
    messages.add(_message("late"), uid=uid)
    second = messages.list_newest(Chat(), uid=uid, limit=2, offset=2)
    assert [each.id for each in (*first, *second)] == ["m3", "m2", "m1", "m0"]


def test_what_came_before_a_moment(uid: str) -> None:
    added = [messages.add(_message(f"m{number}"), uid=uid) for number in range(4)]
    older = messages.list_before(added[3].created_at, Chat(), uid=uid, limit=2)
    assert [each.id for each in older] == ["m2", "m1"]


def test_a_message_that_is_there_already_is_not_counted_again(uid: str) -> None:
    _session(uid)
    messages.add(_message("m", chat_session_id="s"), uid=uid)
    with pytest.raises(ConflictError):
        messages.add(_message("m", chat_session_id="s"), uid=uid)
    session = chat_sessions.of(uid=uid).get("s")
    assert (session.message_count, session.preview) == (1, "m")


def test_without_its_session_a_message_is_not_stored(uid: str) -> None:
    with pytest.raises(NotFoundError):
        messages.add(_message("m", chat_session_id="s"), uid=uid)
    assert messages.of(uid=uid).find("m") is None


def test_deleting_a_chat_tells_which_files_hung_on_it(uid: str) -> None:
    messages.add(_message("one", files_id=["f1", "f2"]), uid=uid)
    messages.add(_message("two", files_id=["f2"]), uid=uid)
    messages.add(_message("app", app_id="notes", files_id=["f3"]), uid=uid)
    deleted = messages.delete_all(Chat(), uid=uid)
    assert deleted.count == 2
    assert set(deleted.file_ids) == {"f1", "f2"}
    assert _ids(Chat(), uid) == []
    assert _ids(Chat(app_id="notes"), uid) == ["app"]


def test_a_message_from_before_there_were_files_is_deleted_too(uid: str) -> None:
    older = {name: value for name, value in _message("old").to_firestore().items() if name != "files_id"}
    messages.of(uid=uid).reference("old").set(older)
    assert messages.delete_all(Chat(), uid=uid).count == 1


def test_one_that_cannot_be_read_does_not_hide_the_others(uid: str) -> None:
    messages.add(_message("good"), uid=uid)
    broken = _message("broken").to_firestore() | {"memories_id": 7}
    messages.of(uid=uid).reference("broken").set(broken)
    assert _ids(Chat(), uid) == ["good"]
