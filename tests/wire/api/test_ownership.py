"""Two users never see each other's anything: every route that takes an id, asked by somebody else and by its owner.

The routes come from the surface's own description. What a route needs besides the ids in its path stands below; a
route with an id that is neither owned nor told not to be fails here.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from common.database import api_keys, conversations
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client
from tests.support.belongings import SECRET, Belongings, belongings
from tests.support.everything import documents_below
from tests.support.making import a_conversation, a_segment
from tests.support.programs import program
from tests.support.surface import Operation, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.wire.api.conftest import ApiAs

NOT_OWNED = {
    "kind": "names a setting of whoever asks",
    "app_key": "names a setting of whoever asks",
    "item_idx": "a place in the conversation",
    "segment_idx": "a place in the conversation",
    "speaker_id": "a number in the conversation",
    "index": "a place among the person's samples",
    "capability_id": "names a kind of app",
    "token": "is the permission itself",
    "announcement_id": "is for everybody",
    "workspace_gid": "known to the service alone, which knows whose it is",
    "team_id": "known to the service alone, which knows whose it is",
    "space_id": "known to the service alone, which knows whose it is",
    "store": "signed together with the path",
    "path": "signed by its address",
    "folder": "pictures of apps are public",
    "name": "pictures of apps are public",
}
PLACES = {"item_idx": "0", "segment_idx": "0", "speaker_id": "0", "index": "0"}
KEY_IDS = {"/v1/dev/keys": "developer_key_id", "/v1/mcp/keys": "mcp_key_id", "/v1/apps": "app_key_id"}


@dataclass(frozen=True)
class Wanted:
    """What a route needs besides its path; `$name` stands for one of the owner's ids."""

    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    data: dict[str, str] | None = None
    owner_gets: int | None = None
    """Where the owner is refused too, for a reason that is not who they are."""


NEEDS: dict[str, Wanted] = {
    "PATCH /v1/conversations/{conversation_id}/visibility": Wanted({"value": "shared"}),
    # Nobody can in these tests: it is not set up.
    "POST /v1/memories/{conversation_id}/post-processing": Wanted(owner_gets=400),
    "PATCH /v1/conversations/{conversation_id}/title": Wanted({"title": "Mine"}),
    "PATCH /v1/conversations/{conversation_id}/starred": Wanted({"starred": True}),
    "PATCH /v1/conversations/{conversation_id}/summary": Wanted(json={"content": "Other words"}),
    "PATCH /v1/conversations/{conversation_id}/events": Wanted(json={"events_idx": [0], "values": [True]}),
    "PATCH /v1/conversations/{conversation_id}/action-items": Wanted(json={"items_idx": [0], "values": [True]}),
    "DELETE /v1/conversations/{conversation_id}/action-items": Wanted(json={"description": SECRET, "completed": False}),
    "PATCH /v1/conversations/{conversation_id}/action-items/{item_idx}": Wanted(
        json={"old_description": SECRET, "description": "Other words"}
    ),
    "PATCH /v1/conversations/{conversation_id}/segments/text": Wanted(json={"segment_id": "s1", "text": "Other words"}),
    "PATCH /v1/conversations/{conversation_id}/segments/assign-bulk": Wanted(
        json={"segment_ids": ["s1"], "assign_type": "is_user", "value": "true"}
    ),
    "PATCH /v1/conversations/{conversation_id}/segments/{segment_idx}/assign": Wanted(
        {"assign_type": "person_id", "value": "$person_id"}
    ),
    "PATCH /v1/conversations/{conversation_id}/assign-speaker/{speaker_id}": Wanted(
        {"assign_type": "is_user", "value": "true"}
    ),
    "POST /v1/conversations/{conversation_id}/test-prompt": Wanted(json={"prompt": "What was said?"}),
    "POST /v1/conversations/{conversation_id}/calendar-event": Wanted(
        json={
            "event_id": "e1",
            "title": "Lunch",
            "start_time": "2026-05-04T12:00:00Z",
            "end_time": "2026-05-04T13:00:00Z",
        }
    ),
    "POST /v1/conversations/{conversation_id}/calendar-event/auto-link": Wanted(owner_gets=404),
    "PATCH /v1/conversations/{conversation_id}/folder": Wanted(json={"folder_id": "$folder_id"}),
    "GET /v1/conversations/{conversation_id}/shared": Wanted(owner_gets=404),
    "POST /v1/conversations/{conversation_id}/finalize": Wanted(),
    "PATCH /v1/folders/{folder_id}": Wanted(json={"name": "Mine"}),
    "POST /v1/folders/{folder_id}/conversations/bulk-move": Wanted(json={"conversation_ids": ["$conversation_id"]}),
    "PATCH /v1/dev/user/folders/{folder_id}": Wanted(json={"name": "Mine"}),
    "PATCH /v1/dev/user/conversations/{conversation_id}": Wanted(json={"title": "Mine"}),
    "PATCH /v3/memories/{memory_id}": Wanted(json={"value": "Other words"}),
    "POST /v3/memories/{memory_id}/review": Wanted({"value": True}),
    "PATCH /v3/memories/{memory_id}/visibility": Wanted({"value": "public"}),
    "PATCH /v3/memories/{memory_id}/baseline": Wanted({"value": True}),
    "POST /v3/memories/{memory_id}/revert": Wanted(json={"operation_id": "$operation_id"}),
    "PATCH /v1/action-items/{action_item_id}": Wanted(json={"description": "Other words"}),
    "PATCH /v1/action-items/{action_item_id}/completed": Wanted({"completed": True}),
    "PATCH /v1/goals/{goal_id}": Wanted(json={"title": "Mine"}),
    "PATCH /v1/goals/{goal_id}/progress": Wanted({"current_value": 2}),
    "PATCH /v1/dev/user/memories/{memory_id}": Wanted(json={"content": "Other words"}),
    "PATCH /v1/dev/user/action-items/{action_item_id}": Wanted(json={"completed": True}),
    "PATCH /v1/dev/user/goals/{goal_id}": Wanted(json={"title": "Mine"}),
    "PATCH /v1/dev/user/goals/{goal_id}/progress": Wanted({"current_value": 2}),
    "PATCH /v1/mcp/memories/{memory_id}": Wanted(json={"value": "Other words"}),
    "PATCH /v1/users/people/{person_id}/name": Wanted({"value": "Somebody"}),
    "PATCH /v1/personas/{persona_id}": Wanted(data={"persona_data": json.dumps({"name": "Mine"})}),
    "PATCH /v1/apps/{app_id}": Wanted(data={"app_data": json.dumps({"description": "Mine"})}),
    "PATCH /v1/apps/{app_id}/change-visibility": Wanted({"private": True}),
    "POST /v1/apps/{app_id}/refresh-manifest": Wanted(owner_gets=400),
    "POST /v1/apps/{app_id}/mcp/refresh": Wanted(owner_gets=400),
    "POST /v1/apps/{app_id}/run": Wanted(owner_gets=400),
    "PATCH /v1/apps/{app_id}/review": Wanted(json={"score": 5, "review": "Good"}, owner_gets=403),
    "PATCH /v1/apps/{app_id}/review/reply": Wanted(json={"response": "Thanks", "reviewer_uid": "x"}, owner_gets=404),
    "PATCH /v2/chat-sessions/{session_id}": Wanted(json={"title": "Mine"}),
    "PATCH /v2/desktop/messages/{message_id}/rating": Wanted(json={"rating": 1}),
}
NOTHING = Wanted()

OWNED = [
    each
    for each in operations()
    if any(name not in NOT_OWNED for name in each.parameters) and not each.schemes & {"AppKey", "AdminKey"}
]


@pytest.fixture
def owner(uid: str, api: httpx.Client) -> Belongings:
    return belongings(uid, api)


@pytest.fixture
def clients(address: str, api_as: ApiAs) -> Iterator[Callable[[str, Operation], httpx.Client]]:
    """A client that is this user in the way an operation wants it."""
    with ExitStack() as opened:

        def client(uid: str, operation: Operation) -> httpx.Client:
            for scheme, kind in (("DeveloperKey", KeyKind.DEVELOPER), ("McpKey", KeyKind.MCP)):
                if scheme in operation.schemes:
                    return opened.enter_context(program(address, kind, uid=uid))
            return api_as(uid)

        yield client


def fill_in(value: Any, ids: dict[str, str]) -> Any:
    """The same with the owner's ids in place of their names."""
    if isinstance(value, dict):
        return {name: fill_in(item, ids) for name, item in value.items()}
    if isinstance(value, list):
        return [fill_in(item, ids) for item in value]
    return ids[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def ask(client: httpx.Client, operation: Operation, owner: Belongings) -> httpx.Response:
    wanted = NEEDS.get(str(operation), NOTHING)
    key_id = next((name for prefix, name in KEY_IDS.items() if operation.path.startswith(prefix)), None)
    ids = owner.ids | PLACES | ({"key_id": owner.ids[key_id]} if key_id else {})
    options: dict[str, Any] = {"params": fill_in(wanted.query, ids)}
    if wanted.json is not None:
        options["json"] = fill_in(wanted.json, ids)
    if wanted.data is not None:
        options["data"] = wanted.data
    return client.request(operation.method, operation.at(ids), **options)


def kept(owner: Belongings) -> dict[str, Any]:
    """Every document of the owner's, their app and their keys."""
    apps = firestore_client().collection("plugins_data")
    return {
        **documents_below(firestore_client().document("users", owner.uid)),
        **{name: documents_below(apps.document(owner.ids[name])) for name in ("app_id", "persona_id")},
        **{kind.name: api_keys.list_of_user(kind, uid=owner.uid) for kind in (KeyKind.DEVELOPER, KeyKind.MCP)},
    }


@pytest.mark.parametrize("operation", OWNED, ids=str)
def test_what_is_somebody_elses_does_not_exist(
    clients: Callable[[str, Operation], httpx.Client], operation: Operation, owner: Belongings
) -> None:
    before = kept(owner)
    answer = ask(clients(f"{owner.uid}-2", operation), operation, owner)
    # That an app exists is no secret, and clients want 403 where it is private or another's.
    expected = {403, 404} if {"app_id", "persona_id"} & set(operation.parameters) else {404}
    assert answer.status_code in expected, answer.text
    assert SECRET not in answer.text
    assert kept(owner) == before
    mine = ask(clients(owner.uid, operation), operation, owner)
    wanted = NEEDS.get(str(operation), NOTHING)
    assert mine.status_code in ({200, 204} if wanted.owner_gets is None else {wanted.owner_gets}), mine.text


LISTS = [
    each
    for each in operations()
    if each.method == "GET" and not each.parameters and each.schemes & {"IdToken", "DeveloperKey", "McpKey"}
]
QUESTIONS = {
    "GET /v1/action-items/search": {"query": SECRET},
    "GET /v1/mcp/memories/search": {"query": SECRET},
    "GET /v1/mcp/conversations/search": {"query": SECRET},
    "GET /v1/users/analytics/memory_summary": {"memory_id": "x"},
    "GET /v1/action-items/pending-sync": {"platform": "apple_reminders"},
    "GET /v2/apps/search": {"q": SECRET},
    "GET /v1/apps/check-username": {"username": "x"},
}
BY_MEANING = {name for name in QUESTIONS if name.endswith("/search")}
SHOWN_TO_THEIR_OWNER = {
    "GET /v1/conversations",
    "GET /v1/dev/user/conversations",
    "GET /v1/mcp/conversations",
    "GET /v3/memories",
    "GET /v3/memories/ledger-history",
    "GET /v1/dev/user/memories",
    "GET /v1/mcp/memories",
    "GET /v1/action-items",
    "GET /v1/dev/user/action-items",
    "GET /v1/mcp/action-items",
    "GET /v1/goals/all",
    "GET /v1/dev/user/goals",
    "GET /v1/folders",
    "GET /v1/calendar/meetings",
    "GET /v1/dev/user/folders",
    "GET /v1/users/people",
    "GET /v2/messages",
    "GET /v2/chat-sessions",
    "GET /v1/users/daily-summaries",
    "GET /v1/dev/keys",
    "GET /v1/mcp/keys",
    "GET /v1/users/export",
}


def test_lists_show_everybody_their_own(
    clients: Callable[[str, Operation], httpx.Client], owner: Belongings, words: object
) -> None:
    del words
    shown = set()
    for each in LISTS:
        query = QUESTIONS.get(str(each), {})
        others = clients(f"{owner.uid}-2", each).get(each.path, params=query)
        assert others.status_code < 500, f"{each}: {others.text}"
        if SECRET not in str(query):
            assert SECRET not in others.text, each
        if SECRET in clients(owner.uid, each).get(each.path, params=query).text:
            shown.add(str(each))
    assert shown >= SHOWN_TO_THEIR_OWNER


TAKES_IDS = [
    ("POST", "/v1/conversations/merge", {"conversation_ids": ["$conversation_id", "mine"]}, 404),
    ("PATCH", "/v1/conversations/mine/folder", {"folder_id": "$folder_id"}, 404),
    (
        "PATCH",
        "/v1/conversations/mine/segments/assign-bulk",
        {"segment_ids": ["s1"], "assign_type": "person_id", "value": "$person_id"},
        404,
    ),
    ("POST", "/v1/folders/reorder", {"folder_ids": ["$folder_id"]}, 404),
    ("DELETE", "/v3/memories/batch", {"memory_ids": ["$memory_id"]}, 200),
    ("POST", "/v1/action-items/batch-delete", {"ids": ["$action_item_id"]}, 200),
    (
        "PATCH",
        "/v1/action-items/batch",
        {"items": [{"id": "$action_item_id", "sort_order": 1, "indent_level": 1}]},
        200,
    ),
    ("PATCH", "/v1/action-items/sync-batch", {"items": [{"id": "$action_item_id", "exported": True}]}, 200),
    ("POST", "/v1/action-items/share", {"task_ids": ["$action_item_id"]}, 404),
    ("POST", "/v2/messages", {"text": "hi", "chat_session_id": "$session_id"}, 404),
    ("POST", "/v1/users/analytics/memory_summary?value=1&memory_id=$conversation_id", None, 404),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), TAKES_IDS, ids=lambda value: str(value)[:60])
def test_an_id_in_a_body_reaches_nobody_elses_thing(
    api_as: ApiAs, owner: Belongings, method: str, path: str, body: Any, status: int
) -> None:
    other = api_as(f"{owner.uid}-2")
    belongings(f"{owner.uid}-2", other)
    conversations.create(
        a_conversation(id="mine", status="completed", transcript_segments=[a_segment("x", 0, 1, id="s1")]),
        uid=f"{owner.uid}-2",
    )
    before = kept(owner)
    at = path.replace("$conversation_id", owner.ids["conversation_id"])
    answer = other.request(method, at, **({} if body is None else {"json": fill_in(body, owner.ids)}))
    assert answer.status_code == status, answer.text
    assert kept(owner) == before
