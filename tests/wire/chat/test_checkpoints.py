"""LangGraph's checkpoints in Firestore: what every checkpointer must do, whose they are, and of any size."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, empty_checkpoint
from langgraph.checkpoint.conformance import checkpointer_test, validate

from common.chat.history import clear_chat
from common.chat.sessions import create_session, delete_session
from common.core import clock
from common.database import chat_threads, users
from common.database.chat_threads import KEPT, PIECE
from common.database.checkpoints import FirestoreSaver
from common.database.messages import Chat
from common.database.sealing import is_sealed
from common.models.data_key import ENHANCED
from tests.support.everything import documents
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")


def _stored(saver: FirestoreSaver, thread_id: str, value: object) -> RunnableConfig:
    config: RunnableConfig = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    checkpoint = {**empty_checkpoint(), "channel_values": {"x": value}, "channel_versions": {"x": 1}}
    return saver.put(config, checkpoint, {"source": "loop", "step": 0}, {"x": 1})  # type: ignore[arg-type]


def _paths(uid: str) -> list[str]:
    return [path for path in documents() if path.startswith(f"users/{uid}/")]


def test_it_conforms_to_what_langgraph_asks_of_every_checkpointer() -> None:
    @checkpointer_test(name="firestore")
    async def made() -> AsyncGenerator[BaseCheckpointSaver[int], None]:
        yield FirestoreSaver(uid=f"user-{uuid4().hex[:12]}")

    report = asyncio.run(validate(made))
    failed = {name: result.failures for name, result in report.results.items() if not result.passed}
    assert failed == {}
    assert report.results
    assert all(result.tests_passed for result in report.results.values())


@pytest.mark.parametrize("size", [0, 2000, PIECE - 1, PIECE, 3 * PIECE + 7])
def test_a_state_of_any_size_comes_back(uid: str, size: int) -> None:
    saver = FirestoreSaver(uid=uid)
    value = os.urandom(size)
    config = _stored(saver, "t", value)
    saver.put_writes(config, [("x", value), ("y", "small")], "task")
    found = saver.get_tuple(config)
    assert found is not None
    assert found.checkpoint["channel_values"] == {"x": value}
    assert found.pending_writes == [("task", "x", value), ("task", "y", "small")]
    saver.delete_thread("t")
    assert _paths(uid) == []


def test_of_a_task_that_was_cut_short_while_it_was_stored_nothing_counts(uid: str) -> None:
    saver = FirestoreSaver(uid=uid)
    config = _stored(saver, "t", "value")
    saver.put_writes(config, [("x", "found"), ("branch:to:next", None)], "cut short")
    saver.put_writes(config, [("x", "found"), ("branch:to:next", None)], "whole")
    writes = chat_threads.reference("t", uid=uid).collection(chat_threads.WRITES)
    [last] = [each for each in writes.stream() if (each.get("task_id"), each.get("index")) == ("cut short", 1)]
    last.reference.delete()
    found = saver.get_tuple(config)
    assert found is not None
    assert found.pending_writes == [("whole", "x", "found"), ("whole", "branch:to:next", None)]


def test_a_state_of_which_a_piece_is_gone_is_no_state(uid: str) -> None:
    saver = FirestoreSaver(uid=uid)
    config = _stored(saver, "t", os.urandom(2 * PIECE))
    for piece in chat_threads.reference("t", uid=uid).collection(chat_threads.PIECES).list_documents():
        piece.delete()
    assert saver.get_tuple(config) is None


def test_what_one_user_stored_is_nobody_elses(uid: str) -> None:
    config = _stored(FirestoreSaver(uid=uid), "t", "mine")
    other = FirestoreSaver(uid=f"{uid}-other")
    assert other.get_tuple(config) is None
    assert list(other.list(None)) == []
    other.delete_thread("t")
    assert FirestoreSaver(uid=uid).get_tuple(config) is not None


def test_a_thread_goes_with_its_chat(uid: str) -> None:
    session = create_session(uid=uid, title=None, app_id=None)
    chats = {"main": Chat(), "app": Chat(app_id="a"), "session": Chat(session_id=session.id)}
    saver = FirestoreSaver(uid=uid)
    for thread_id, chat in chats.items():
        chat_threads.begin(thread_id, chat, uid=uid)
        _stored(saver, thread_id, thread_id)
    clear_chat(Chat(), uid=uid)
    assert {each.id for each in chat_threads.threads(uid=uid).list_documents()} == {"app", "session"}
    delete_session(session.id, uid=uid)
    clear_chat(Chat(app_id="a"), uid=uid)
    assert not [path for path in _paths(uid) if "chat_threads" in path]


def test_what_nobody_went_on_with_is_forgotten_when_another_begins(uid: str) -> None:
    saver = FirestoreSaver(uid=uid)
    for thread_id in ("old", "new"):
        chat_threads.begin(thread_id, Chat(), uid=uid)
        _stored(saver, thread_id, thread_id)
    chat_threads.reference("old", uid=uid).update({"begun_at": clock.now() - 2 * KEPT})
    chat_threads.begin("newest", Chat(), uid=uid)
    assert {each.id for each in chat_threads.threads(uid=uid).list_documents()} == {"new", "newest"}


def test_what_somebody_wants_sealed_is_sealed_and_comes_back(uid: str) -> None:
    users.change(uid=uid, data_protection_level=ENHANCED)
    saver = FirestoreSaver(uid=uid)
    secret = "nobody else may read this " * 5 + os.urandom(PIECE).hex()
    config = _stored(saver, "t", secret)
    saver.put_writes(config, [("x", secret[:100])], "task")
    saver.copy_thread("t", "copy")
    for thread_id in ("t", "copy"):
        found = saver.get_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
        assert found is not None
        assert found.checkpoint["channel_values"] == {"x": secret}
        assert found.pending_writes == [("task", "x", secret[:100])]
    parts = [fields for path, fields in documents().items() if path.startswith(f"users/{uid}/chat_threads/")]
    assert all(is_sealed(fields["data"]) for fields in parts if "data" in fields)
    assert len(parts) > 4


def test_nothing_is_told_to_anybody_outside(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    del stores
    with caplog.at_level(logging.WARNING):
        _stored(FirestoreSaver(uid="somebody"), "t", {"plain": ["values", 1, None]})
    assert caplog.records == []
