"""What triggers a function when it is written carries the trace of whoever wrote it, and shows it to no client."""

from collections.abc import Callable

import httpx
import pytest
from cloudevents.http import from_http

from common.core import tracing
from common.core.tracing import Trace
from common.database import action_items, conversations, learned, memories
from common.database.bound_writes import Change, write_for_run
from common.database.clients import firestore_client
from common.database.conversation_queries import COLLECTION as CONVERSATIONS
from common.entry.events import document_changed
from common.models.action_item import ActionItem
from common.models.memory import Memory
from local.environment import REGION
from local.events import document_event
from local.manifest import load
from tests.support.making import NOON, a_conversation
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
REQUESTS = {
    memories.COLLECTION: [
        ("POST", "/v3/memories", '{"content": "Lives in Lisbon"}'),
        ("PATCH", "/v3/memories/ID", '{"value": "Lives in Porto"}'),
        ("POST", "/v3/memories/ID/review?value=true", ""),
    ],
    action_items.COLLECTION: [
        ("POST", "/v1/action-items", '{"description": "Call the landlord"}'),
        ("PATCH", "/v1/action-items/ID", '{"description": "Write to the landlord"}'),
        ("PATCH", "/v1/action-items/batch", '{"items": [{"id": "ID", "sort_order": 3}]}'),
    ],
}
"""What a client does with what it makes first; ID stands for what that is called."""
every_kind = pytest.mark.parametrize("collection", REQUESTS)

Told = Callable[[str], Trace | None]


@pytest.fixture
def told(stores: Stores, uid: str) -> Told:
    """The trace that the event about the last write to one of the user's collections tells a function of."""

    def read(collection: str) -> Trace | None:
        parts = ["users", uid, collection]
        found = (each for each in reversed(stores.changes) if each.path.split("/")[:-1] == parts)
        headers, body = document_event(next(found), event="written", region=REGION)
        return document_changed(from_http(headers, body), collection=collection).trace

    return read


def test_every_document_whose_writes_trigger_a_function_is_looked_at_here() -> None:
    triggers = [each.trigger.firestore for each in load().functions.values()]
    watched = {each.document.split("/")[2] for each in triggers if each is not None}
    assert watched == {*REQUESTS, CONVERSATIONS}


@every_kind
def test_each_request_leaves_its_trace_to_whoever_follows_and_shows_none(
    api: httpx.Client, collection: str, told: Told
) -> None:
    made = ""
    for number, (method, path, body) in enumerate(REQUESTS[collection], start=1):
        trace = Trace(str(number) * 32, str(number) * 16)
        headers = {"traceparent": trace.traceparent, "content-type": "application/json"}
        answer = api.request(method, path.replace("ID", made), content=body.replace("ID", made), headers=headers)
        assert answer.status_code == 200, answer.text
        made = made or answer.json()["id"]
        assert told(collection) == trace
        assert "traceparent" not in answer.text
    _, listed, _ = REQUESTS[collection][0]
    for path in (listed, f"{listed}/{made}"):
        assert made in api.get(path).text
        assert "traceparent" not in api.get(path).text


@every_kind
def test_who_deletes_it_leaves_the_trace_of_whoever_wrote_it_last(
    api: httpx.Client, collection: str, told: Told
) -> None:
    _, path, body = REQUESTS[collection][0]
    headers = {"traceparent": TRACE.traceparent, "content-type": "application/json"}
    made = api.post(path, content=body, headers=headers).json()["id"]
    assert api.delete(f"{path}/{made}").is_success
    assert told(collection) == TRACE


@every_kind
def test_what_is_sealed_carries_it_openly(api: httpx.Client, uid: str, collection: str, told: Told) -> None:
    assert api.post("/v1/users/migration/requests", json={"target_level": "enhanced"}).status_code == 200
    _, path, body = REQUESTS[collection][0]
    headers = {"traceparent": TRACE.traceparent, "content-type": "application/json"}
    made = api.post(path, content=body, headers=headers).json()["id"]
    stored = firestore_client().document("users", uid, collection, made).get().to_dict() or {}
    assert any(isinstance(value, bytes) for value in stored.values()), "its words are sealed"
    assert told(collection) == TRACE


def test_what_a_conversation_teaches_goes_on_in_its_trace(uid: str, told: Told) -> None:
    conversations.create(a_conversation(status="completed", run=1), uid=uid)
    fact = Memory(id="m1", uid=uid, content="Lives in Lisbon", conversation_id="c1", created_at=NOON, updated_at=NOON)
    task = ActionItem(id="a1", uid=uid, description="Call", conversation_id="c1", created_at=NOON, updated_at=NOON)
    changes = [Change(memories.of(uid=uid), None, fact), Change(action_items.of(uid=uid), None, task)]
    with tracing.following(TRACE):
        assert write_for_run(changes, uid=uid, conversation_id="c1", run=1)
    assert {told(collection) for collection in REQUESTS} == {TRACE}
    assert memories.of(uid=uid).get("m1") == fact, "what is judged by is what was written"


def test_merging_tells_the_followers_of_what_changes_its_conversation(uid: str, told: Told) -> None:
    memories.of(uid=uid).create(
        Memory(id="m1", uid=uid, content="Lives in Lisbon", conversation_id="c1", created_at=NOON, updated_at=NOON)
    )
    action_items.of(uid=uid).create(
        ActionItem(id="a1", uid=uid, description="Call", conversation_id="c1", created_at=NOON, updated_at=NOON)
    )
    assert {told(collection) for collection in REQUESTS} == {None}
    with tracing.following(TRACE):
        assert learned.repoint(["c1"], uid=uid, to="c2") == 2
    assert {told(collection) for collection in REQUESTS} == {TRACE}


def test_what_changes_nothing_writes_nothing(uid: str, stores: Stores) -> None:
    item = ActionItem(id="a1", uid=uid, description="Call", created_at=NOON, updated_at=NOON)
    action_items.of(uid=uid).create(item)
    before = len(stores.changes)
    with tracing.following(TRACE):
        action_items.of(uid=uid).change("a1", lambda item: item.model_copy(update={"description": "Call"}))
    assert len(stores.changes) == before
