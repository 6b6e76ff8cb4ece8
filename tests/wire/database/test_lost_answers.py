"""Firestore has done it, and nobody was told: the library asks again, and what was meant has come true, once."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from common.core.errors import ConflictError, LeaseHeldError, LeaseLostError, NotFoundError, RetryableError
from common.core.metering import Used
from common.database import (
    apps,
    chat_sessions,
    claims,
    conversations,
    index_leases,
    messages,
    spending,
    tombstones,
    usernames,
)
from common.models.app import App
from common.models.chat import ChatSession, Message, MessageSender
from tests.support.making import NOON, a_conversation, a_segment
from tests.support.stores import Stores

LEASE_S = 120.0


def _acquire(uid: str) -> claims.Claim:
    claim = claims.acquire(uid=uid, step="s", subject="c1", run=1, lease_seconds=LEASE_S, noted="first")
    assert isinstance(claim, claims.Claim)
    return claim


def _session(session_id: str, title: str = "t") -> ChatSession:
    return ChatSession(id=session_id, title=title, created_at=NOON, updated_at=NOON)


def test_a_claim_that_was_taken_is_held(stores: Stores, uid: str) -> None:
    stores.trouble.losing = 1
    claim = _acquire(uid)
    assert (claim.attempts, claim.deaths, claim.noted) == (1, 0, "first")
    with pytest.raises(LeaseHeldError):
        _acquire(uid)
    assert claims.renew(claim)


@pytest.mark.parametrize(
    "settle",
    [lambda claim: claims.finish(claim, result="x"), claims.release, lambda claim: claims.park(claim, reason="x")],
)
def test_a_claim_that_was_settled_is_settled(stores: Stores, uid: str, settle: Callable[[claims.Claim], None]) -> None:
    claim = _acquire(uid)
    stores.trouble.losing = 1
    settle(claim)
    with pytest.raises(LeaseLostError):
        claims.note(claim, "later")


def test_the_lease_on_an_index_that_was_taken_is_held(stores: Stores, uid: str) -> None:
    stores.trouble.losing = 1
    lease = index_leases.acquire(uid=uid, subject="c1", lease_seconds=LEASE_S)
    assert index_leases.renew(lease)
    with pytest.raises(LeaseHeldError):
        index_leases.acquire(uid=uid, subject="c1", lease_seconds=LEASE_S)


def test_what_was_created_is_no_conflict_with_itself(stores: Stores, uid: str) -> None:
    sessions = chat_sessions.of(uid=uid)
    stores.trouble.losing = 1
    sessions.create(_session("s1"))
    stores.trouble.losing = 1
    sessions.create_many([_session("s2"), _session("s3")])
    assert len(sessions.find_many(["s1", "s2", "s3"])) == 3
    with pytest.raises(ConflictError):
        sessions.create(_session("s1", "another"))
    with pytest.raises(ConflictError):
        sessions.create_many([_session("s2"), _session("s3", "another")])


def test_a_message_that_was_stored_is_stored_and_counted_once(stores: Stores, uid: str) -> None:
    chat_sessions.of(uid=uid).create(_session("s1"))
    said = Message(id="m1", text="hello", created_at=NOON, sender=MessageSender.HUMAN, chat_session_id="s1")
    stores.trouble.losing = 1
    messages.add(said, uid=uid)
    stores.trouble.losing = 1
    messages.add_answer(said.model_copy(update={"id": "m2", "sender": MessageSender.AI}), to="m1", uid=uid)
    assert chat_sessions.of(uid=uid).get("s1").message_count == 2
    with pytest.raises(ConflictError):
        messages.add(said.model_copy(update={"text": "another"}), uid=uid)


def test_a_conversation_that_was_created_is_no_conflict_with_itself(stores: Stores, uid: str) -> None:
    stores.trouble.losing = 1
    conversations.create(a_conversation(transcript_segments=[a_segment("hello", 0, 1)]), uid=uid)
    with pytest.raises(ConflictError):
        conversations.create(a_conversation(), uid=uid)
    stores.trouble.losing = 1
    there = conversations.create_if_absent(a_conversation(id="c2"), uid=uid)
    assert there is not None
    assert there.id == "c2"


def test_one_that_was_deleted_is_deleted(stores: Stores, uid: str) -> None:
    conversations.create(a_conversation(), uid=uid)
    stores.trouble.losing = 1
    conversations.delete(uid=uid, conversation_id="c1", cascade=True)
    assert tombstones.of(uid=uid).get("c1").cascade
    with pytest.raises(NotFoundError):
        conversations.delete(uid=uid, conversation_id="c1")


def test_what_others_always_were_quicker_with_may_be_tried_again(
    stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contended(call: str) -> Any:
        return grpc.StatusCode.ABORTED if call.endswith("/Commit") else None

    monkeypatch.setattr(stores.trouble, "drawn", contended)
    with pytest.raises(RetryableError, match="busy"):
        _acquire(uid)


def test_a_persona_that_was_made_has_the_handle_that_was_wanted(stores: Stores, uid: str) -> None:
    persona = App(id=apps.new_app_id(), uid=uid, name="Ada", created_at=NOON)
    stores.trouble.losing = 1
    made = apps.ensure_persona(persona, (f"{uid}{number or ''}" for number in range(3)))
    assert (made.id, made.username) == (persona.id, uid)
    assert apps.ensure_persona(persona, [f"{uid}-other"]).username == uid
    assert not usernames.is_taken(f"{uid}-other")


@pytest.mark.usefixtures("stores")
def test_an_app_is_nobody_elses_whatever_id_is_asked_for(uid: str) -> None:
    made = apps.ensure(App(id=apps.app_id_of(uid), uid=uid, name="Ada", created_at=NOON))
    assert apps.ensure(made.model_copy(update={"name": "Again"})).name == "Ada"
    for other in (apps.ensure, lambda app: apps.ensure_persona(app, [uid])):
        with pytest.raises(ConflictError):
            other(made.model_copy(update={"uid": f"{uid}-other"}))
    assert not usernames.is_taken(uid)


def test_what_was_spent_is_counted_once(stores: Stores, uid: str) -> None:
    for _ in range(2):
        stores.trouble.losing = 1
        spending.add(uid, {("language_model", "m"): Used(calls=1, tokens_in=7)})
    spent = spending.today(uid=uid).language_model["m"]
    assert (spent.calls, spent.tokens_in) == (2, 14)
