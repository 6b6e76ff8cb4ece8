"""The functions that follow a conversation that is done, as the platform calls them."""

import base64
import json
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.action_items.edit import list_action_items
from common.core import clock
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import claims, memories
from common.database.claims import ClaimState, Settled
from common.models.events import ConversationCompleted
from local.manifest import ROOT, load
from tests.support.logged import captured
from tests.wire.memories.conftest import Arbiter, Teller, again, said

pytestmark = pytest.mark.usefixtures("stores", "arbiter")

_create_app: Any = functions_framework.create_app  # ships no types


def _function(name: str) -> FlaskClient:
    described = load().functions[name]
    app = _create_app(
        described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature
    )
    made: FlaskClient = app.test_client()
    return made


def _push(uid: str, *, run: int = 1) -> dict[str, Any]:
    event = ConversationCompleted(uid=uid, conversation_id="c1", run=run)
    headers = {
        "ce-id": event.event_id,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-source": f"//pubsub.googleapis.com/projects/p/topics/{event.topic}",
        "ce-time": clock.now().isoformat(),
        "Content-Type": "application/json",
    }
    data = base64.b64encode(event.model_dump_json().encode()).decode()
    return {"headers": headers, "data": json.dumps({"message": {"data": data}, "subscription": "s"})}


def test_a_conversation_is_learned_from_once_however_often_it_is_announced(uid: str, teller: Teller) -> None:
    teller.says = ["User lives in Munich"]
    said(uid, "I live in Munich and I love cycling there.")
    learning = _function("extract_memories")
    with captured() as logged:
        for _ in range(3):
            assert learning.post("/", **_push(uid)).status_code == 200
    assert [memory.content for memory in memories.list_newest(uid=uid, limit=9)] == ["User lives in Munich"]
    assert len(teller.backgrounds) == 1
    assert "Munich" not in json.dumps(logged, default=str)


def test_its_tasks_are_listed_once_however_often_it_is_announced(uid: str) -> None:
    said(uid, "I will buy milk.", structured={"title": "T", "action_items": ["Buy milk"]})
    collecting = _function("collect_action_items")
    for _ in range(3):
        assert collecting.post("/", **_push(uid)).status_code == 200
    assert [item.description for item in list_action_items(uid=uid, limit=9)[0]] == ["Buy milk"]


def test_a_model_that_does_not_answer_is_asked_again_and_given_up_visibly(uid: str, teller: Teller) -> None:
    said(uid, "I live in Munich and I love cycling there.")

    def fail() -> None:
        raise ProviderError("busy")

    teller.before = fail
    learning = _function("extract_memories")
    with captured() as logged:
        statuses = [learning.post("/", **_push(uid)).status_code for _ in range(settings().max_attempts)]
    assert statuses == [503] * (settings().max_attempts - 1) + [200]
    assert [line["message"] for line in logged if line["severity"] == "ERROR"] == ["step_parked"]
    settled = claims.acquire(uid=uid, step="extract_memories", subject="c1", run=1, lease_seconds=1)
    assert settled == Settled(ClaimState.PARKED, None)
    assert memories.list_newest(uid=uid, limit=9) == []


@pytest.mark.parametrize("name", ["extract_memories", "collect_action_items"])
def test_of_a_conversation_that_nobody_has_nothing_becomes(uid: str, name: str) -> None:
    assert _function(name).post("/", **_push(uid)).status_code == 200


def test_what_a_later_run_says_takes_the_place_of_what_an_earlier_one_said(
    uid: str, teller: Teller, arbiter: Arbiter
) -> None:
    teller.says = ["User lives in Munich"]
    said(uid, "I live in Munich and I love cycling there.")
    learning = _function("extract_memories")
    learning.post("/", **_push(uid))
    teller.says = ["User loves cycling"]
    again(uid)
    for run in (2, 1, 2):
        assert learning.post("/", **_push(uid, run=run)).status_code == 200
    assert [memory.content for memory in memories.list_newest(uid=uid, limit=9)] == ["User loves cycling"]
    assert arbiter.asked
