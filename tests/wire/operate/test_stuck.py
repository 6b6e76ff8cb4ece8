"""Conversations that do not go on, by hand."""

import json
from functools import partial

import pytest

from common.conversations import lifecycle
from common.core import clock
from common.core.settings import settings
from common.database import claims, conversations
from common.models.conversation import ConversationStatus, Merging
from tests.support.making import a_conversation
from tests.wire.operate.conftest import Operate

pytestmark = pytest.mark.usefixtures("stores")


def _of(operate: Operate, uid: str) -> dict[str, str]:
    return {row["conversation_id"]: row["status"] for row in operate("stuck", "list").rows if row["uid"] == uid}


def _status(uid: str, conversation_id: str) -> tuple[ConversationStatus, int]:
    found = conversations.get(uid=uid, conversation_id=conversation_id)
    return found.status, found.run


def _one_of_each(uid: str) -> None:
    conversations.create(
        a_conversation(id="failed", status="processing", run=1, structured={"title": "Marmalade"}), uid=uid
    )
    fail = partial(lifecycle.fail, run=1, step=lifecycle.STRUCTURING, reason="it was too much")
    conversations.change(uid=uid, conversation_id="failed", decide=fail)
    conversations.create(a_conversation(id="stalled", status="processing", run=1), uid=uid)
    conversations.create(a_conversation(id="silent", status="in_progress"), uid=uid)
    merging = Merging(into="m", conversation_ids=["merging"])
    conversations.create(a_conversation(id="merging", status="merging", merging=merging), uid=uid)
    rejected = {"step": "transcribe_upload", "reason": "not an audio file"}
    conversations.create(a_conversation(id="rejected", status="failed", failure=rejected), uid=uid)
    conversations.create(a_conversation(id="well", status="completed", run=1), uid=uid)


@pytest.fixture
def stuck(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each kind, and long after."""
    _one_of_each(uid)
    now = clock.now
    later = clock.duration(max(settings().conversation_timeout_s, 4 * settings().lease_seconds))
    monkeypatch.setattr(clock, "now", lambda: now() + later)


@pytest.mark.usefixtures("stuck")
def test_they_are_listed_with_why_and_without_what_was_said(operate: Operate, uid: str) -> None:
    ran = operate("stuck", "list")
    assert ran.code == 1
    assert _of(operate, uid) == {
        "failed": "failed",
        "stalled": "processing",
        "silent": "in_progress",
        "merging": "merging",
    }
    [failed] = [row for row in ran.rows if (row["uid"], row["conversation_id"]) == (uid, "failed")]
    assert failed["reason"] == "structure_conversation: it was too much"
    assert "Marmalade" not in json.dumps(ran.told)


@pytest.mark.usefixtures("stuck")
def test_all_of_a_user_are_put_back_on_their_way(operate: Operate, uid: str) -> None:
    ran = operate("stuck", "finish", uid)
    assert (ran.code, ran.told) == (0, {"looked_at": 4, "moved": 4, "left": 0})
    assert _status(uid, "failed") == _status(uid, "stalled") == (ConversationStatus.PROCESSING, 2)
    assert _status(uid, "silent") == (ConversationStatus.PROCESSING, 1)
    assert _status(uid, "merging") == (ConversationStatus.COMPLETED, 0)
    assert _status(uid, "well") == (ConversationStatus.COMPLETED, 1)


@pytest.mark.usefixtures("stuck")
def test_a_users_are_found_behind_any_number_of_others(operate: Operate, uid: str) -> None:
    for at in range(3):
        conversations.create(a_conversation(id=f"other-{at}", status="processing", run=1), uid=f"before-{uid}")
        fail = partial(lifecycle.fail, run=1, step=lifecycle.STRUCTURING, reason="it was too much")
        conversations.change(uid=f"before-{uid}", conversation_id=f"other-{at}", decide=fail)
    assert operate("stuck", "finish", uid, "--limit", "1").told["moved"] == 4
    assert operate("stuck", "finish", f"before-{uid}").told["moved"] == 3


def test_a_user_whom_nobody_knows_is_not_said_to_be_well(operate: Operate, uid: str) -> None:
    assert operate("stuck", "finish", uid).code == 1


@pytest.mark.usefixtures("stuck")
def test_what_somebody_works_on_is_left_to_them(operate: Operate, uid: str) -> None:
    claims.acquire(uid=uid, step=lifecycle.STRUCTURING, subject="stalled", run=1, lease_seconds=1000)
    ran = operate("stuck", "finish", uid, "stalled")
    assert (ran.code, ran.told) == (0, {"looked_at": 1, "moved": 0, "left": 1})
    assert _status(uid, "stalled") == (ConversationStatus.PROCESSING, 1)


@pytest.mark.usefixtures("stuck")
def test_what_is_well_or_a_file_that_nobody_can_read_is_left_alone(operate: Operate, uid: str) -> None:
    assert operate("stuck", "finish", uid, "rejected").told["moved"] == 0
    assert _status(uid, "rejected") == (ConversationStatus.FAILED, 0)
    assert operate("stuck", "finish", uid, "well").told["moved"] == 0
    conversations.create(a_conversation(id="theirs", status="completed", run=1), uid=f"{uid}-other")
    assert operate("stuck", "finish", f"{uid}-other").told["looked_at"] == 0
    assert operate("stuck", "finish", uid, "none").code == 1
    assert operate("stuck", "finish", "a/b", "c").code == 1
