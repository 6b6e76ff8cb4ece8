"""Whatever a user deletes or takes back is told of, and gone again after a backup of before was brought back."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from common.accounts.recordings import delete_recordings
from common.action_items.elsewhere import leaving
from common.apps.making import delete_app
from common.chat.history import clear_chat
from common.chat.sessions import create_session, delete_session, empty_chat
from common.conversations.folders import create_folder, delete_folder, file_conversation
from common.core import clock
from common.core.deletions import Deletion
from common.core.ids import new_id
from common.core.logs import configure
from common.database import (
    api_keys,
    conversations,
    daily_summaries,
    goals,
    installs,
    meetings,
    messages,
    people,
    token_shares,
    users,
    visibility,
)
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client
from common.database.messages import Chat
from common.models.chat import Message, MessageSender
from common.models.conversation import ConversationVisibility
from common.models.daily_summary import DailySummary
from common.models.goal import Goal
from common.models.meeting import Meeting
from common.models.user import TaskApp
from common.people.edit import delete_person
from common.users.consents import Consent, consent
from common.users.task_apps import connect_task_app
from common.users.webhooks import WebhookType, switch_webhook
from operate.deleting import WAYS
from tests.support.apps import make_app
from tests.support.making import NOON, a_conversation
from tests.support.surface import operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wire.operate.conftest import Operate

EVERYBODYS = ("dev_api_keys", "mcp_api_keys", "plugins_data", "shares", "shared_conversations")


@dataclass
class Made:
    """Something of a user, and how they delete it."""

    id: str
    delete: Callable[[], object]
    left: Callable[[], object] = field(default=lambda: None)
    """What is to be as it was after the first time besides which documents there are."""


def _an_app(uid: str) -> Made:
    app = make_app(uid=uid)
    return Made(app.id, lambda: delete_app(app.id, uid=uid))


def _a_key(kind: KeyKind) -> Callable[[str], Made]:
    def make(uid: str) -> Made:
        app_id = make_app(uid=uid).id if kind is KeyKind.APP else ""
        key, _ = api_keys.create(kind, uid=uid, name="laptop", app_id=app_id)
        return Made(key.id, lambda: api_keys.revoke(kind, key_id=key.id, uid=uid, app_id=app_id))

    return make


def _said(uid: str, chat: Chat) -> None:
    for number in range(3):
        messages.add(
            Message(
                id=f"{chat.session_id}-{number}",
                text="I like tea",
                created_at=clock.now(),
                sender=MessageSender.HUMAN,
                chat_session_id=chat.session_id,
                app_id=chat.app_id,
            ),
            uid=uid,
        )


def _a_chat(uid: str) -> Made:
    chat = Chat(app_id="a")
    _said(uid, chat)
    return Made("", lambda: clear_chat(chat, uid=uid))


def _a_session(uid: str) -> Made:
    session = create_session(uid=uid, title=None, app_id=None)
    _said(uid, Chat(session_id=session.id))
    return Made(session.id, lambda: delete_session(session.id, uid=uid))


def _a_day(uid: str) -> Made:
    daily_summaries.of(uid=uid).put(DailySummary(id="2026-01-01", date="2026-01-01", created_at=clock.now()))
    return Made("2026-01-01", lambda: daily_summaries.delete("2026-01-01", uid=uid))


def _an_enabled_app(uid: str) -> Made:
    app = make_app(uid=f"{uid}-maker", private=False, approved=True)
    installs.enable(app, uid=uid)
    return Made(app.id, lambda: installs.disable(app_id=app.id, uid=uid))


def _a_folder(uid: str) -> Made:
    folder, other = (
        create_folder(uid=uid, name=name, description=None, color="#000000", icon="x") for name in ("Tea", "Coffee")
    )
    filed = conversations.create(a_conversation(id=new_id()), uid=uid)
    file_conversation(uid=uid, conversation_id=filed.id, folder_id=folder.id)
    return Made(
        folder.id,
        lambda: delete_folder(uid=uid, folder_id=folder.id, move_to=other.id),
        lambda: conversations.get(uid=uid, conversation_id=filed.id).folder_id == other.id,
    )


def _a_goal(uid: str) -> Made:
    now = clock.now()
    goals.ensure(Goal(id="g", title="Tea", created_at=now, updated_at=now), uid=uid, day=now.date())
    return Made("g", lambda: goals.delete(uid=uid, goal_id="g"))


def _a_meeting(uid: str) -> Made:
    meetings.of(uid=uid).put(
        Meeting(id="m", calendar_event_id="e", calendar_source="s", start_time=NOON, end_time=NOON, told_at=clock.now())
    )
    return Made("m", lambda: meetings.delete("m", uid=uid))


def _a_person(uid: str) -> Made:
    person = people.get_or_create(uid=uid, name="Ada")
    return Made(person.id, lambda: delete_person(uid=uid, person_id=person.id))


def _a_share(uid: str) -> Made:
    token_shares.create(uid=uid, sender_name="Ada", action_item_ids=["a"])
    [share] = token_shares.list_of(uid=uid)
    return Made(share.id, lambda: token_shares.take_back(share.id, uid=uid))


def _a_shared_conversation(uid: str) -> Made:
    called = conversations.create(a_conversation(id=new_id()), uid=uid).id

    def show(to: ConversationVisibility) -> None:
        visibility.set_visibility(uid=uid, conversation_id=called, visibility=to)

    show(ConversationVisibility.SHARED)
    return Made(
        called,
        lambda: show(ConversationVisibility.PRIVATE),
        lambda: conversations.get(uid=uid, conversation_id=called).visibility,
    )


def _a_task_list(uid: str) -> Made:
    connect_task_app(TaskApp.APPLE_REMINDERS, connected=True, uid=uid)
    return Made(TaskApp.APPLE_REMINDERS.value, lambda: leaving.leave(TaskApp.APPLE_REMINDERS.value, uid=uid))


def _a_consent(uid: str) -> Made:
    consent(Consent.RECORDINGS, given=True, uid=uid)
    return Made(
        Consent.RECORDINGS.value,
        lambda: delete_recordings(uid=uid),
        lambda: users.find(uid=uid).store_recording_permission,
    )


def _a_webhook(uid: str) -> Made:
    told = {"url": "https://example.com/told", "enabled": True}
    users.change(uid=uid, developer_webhooks={"memory_created": told})
    return Made(
        "memory_created",
        lambda: switch_webhook(WebhookType.MEMORY_CREATED, uid=uid, enabled=False),
        lambda: users.find(uid=uid).developer_webhooks["memory_created"].enabled,
    )


MAKING: Mapping[Deletion, Callable[[str], Made]] = {
    Deletion.APP: _an_app,
    Deletion.APP_KEY: _a_key(KeyKind.APP),
    Deletion.CHAT: _a_chat,
    Deletion.CHAT_SESSION: _a_session,
    Deletion.CONSENT: _a_consent,
    Deletion.DAILY_SUMMARY: _a_day,
    Deletion.DEVELOPER_KEY: _a_key(KeyKind.DEVELOPER),
    Deletion.ENABLED_APP: _an_enabled_app,
    Deletion.FOLDER: _a_folder,
    Deletion.GOAL: _a_goal,
    Deletion.MCP_KEY: _a_key(KeyKind.MCP),
    Deletion.MEETING: _a_meeting,
    Deletion.PERSON: _a_person,
    Deletion.SHARE: _a_share,
    Deletion.SHARED_CONVERSATION: _a_shared_conversation,
    Deletion.TASK_LIST: _a_task_list,
    Deletion.WEBHOOK: _a_webhook,
}


@pytest.fixture
def in_file(tmp_path: Path) -> Path:
    """Where lines are written to."""
    return tmp_path / "deleted.json"


@contextmanager
def _logged(into: Path) -> Iterator[None]:
    with into.open("a") as stream:
        configure(stream)
        yield
        configure(io.StringIO())


def _backup(uid: str) -> dict[str, dict[str, Any]]:
    """Every document of a user, and those of everybody's that may be theirs, by path."""
    client = firestore_client()
    copied: dict[str, dict[str, Any]] = {}

    def copy(collection: Any) -> None:
        for reference in collection.list_documents():
            snapshot = reference.get()
            if snapshot.exists:
                copied[reference.path] = snapshot.to_dict() or {}
            for below in reference.collections():
                copy(below)

    own = client.collection("users").document(uid)
    copied[own.path] = own.get().to_dict() or {}
    for below in own.collections():
        copy(below)
    for name in EVERYBODYS:
        copy(client.collection(name))
    return copied


def _bring_back(backup: Mapping[str, dict[str, Any]], *, now: Mapping[str, dict[str, Any]]) -> None:
    """What is gone since is there again, and what was changed is as it was."""
    for path, fields in backup.items():
        if now.get(path) != fields:
            firestore_client().document(path).set(fields)


@pytest.mark.parametrize("kind", list(Deletion))
def test_what_was_deleted_is_deleted_again(operate: Operate, uid: str, in_file: Path, kind: Deletion) -> None:
    made = MAKING[kind](uid)
    backup = _backup(uid)
    with _logged(in_file):
        made.delete()
    after, left = _backup(uid), made.left()
    assert after != backup
    _bring_back(backup, now=after)
    asked = (str(in_file), "--since", (clock.now() - timedelta(hours=1)).isoformat())

    listed = operate("deletions", "list", *asked)
    assert (kind.value, made.id or None) in {(row["kind"], row["id"]) for row in listed.rows}
    assert {row["uid"] for row in listed.rows} == {uid}
    assert listed.code == 1
    redone = operate("deletions", "redo", *asked, "--yes")
    assert redone.code == 0
    assert operate("deletions", "list", *asked).rows == []
    assert made.left() == left
    greetings = {path for path in after if "/messages/" in path}
    assert set(_backup(uid)) | greetings == set(after)
    assert operate("deletions", "redo", *asked, "--yes").told["there_again"] == 0


UNDATED = {Deletion.CONSENT, Deletion.WEBHOOK}
"""Of these nothing says since when they are given, and that they were taken back counts."""


@pytest.mark.parametrize("kind", [each for each in Deletion if each not in UNDATED])
def test_what_was_made_since_stays(operate: Operate, uid: str, in_file: Path, kind: Deletion) -> None:
    made = MAKING[kind](uid)
    with _logged(in_file):
        made.delete()
    before = (clock.now() - timedelta(hours=1)).isoformat()
    lines = in_file.read_text().replace(clock.now().date().isoformat(), "2026-01-02")
    _bring_back(_backup(uid), now={})
    in_file.write_text(lines)
    assert operate("deletions", "list", str(in_file), "--since", before).rows == []
    MAKING[kind](uid)
    assert operate("deletions", "list", str(in_file), "--since", "2026-01-01T00:00:00Z").rows == []


def test_of_somebody_elses_nothing_is_deleted(operate: Operate, uid: str, in_file: Path) -> None:
    made = {kind: making(f"{uid}-other") for kind, making in MAKING.items()}
    with _logged(in_file):
        for each in made.values():
            each.delete()
    theirs = {kind: making(uid) for kind, making in MAKING.items()}
    before = _backup(uid)
    operate("deletions", "redo", str(in_file), "--since", "2026-01-01T00:00:00Z", "--yes")
    assert theirs
    assert _backup(uid) == before


def test_a_session_that_was_emptied_is_emptied_again_with_its_files(operate: Operate, uid: str, in_file: Path) -> None:
    session = create_session(uid=uid, title="Tea", app_id=None)
    chat = Chat(session_id=session.id)
    _said(uid, chat)
    backup = _backup(uid)
    with _logged(in_file):
        assert empty_chat(chat, uid=uid) == 3
    _bring_back(backup, now=_backup(uid))
    later = Message(
        id="later", text="New", created_at=clock.now(), sender=MessageSender.HUMAN, chat_session_id=session.id
    )
    messages.add(later, uid=uid)
    asked = (str(in_file), "--since", (clock.now() - timedelta(hours=1)).isoformat())
    assert operate("deletions", "redo", *asked, "--yes").told["deleted"] == 1
    assert [each.id for each in messages.list_newest(chat, uid=uid, limit=9)] == ["later"]
    assert operate("deletions", "list", *asked).code == 0


def test_every_kind_has_a_way() -> None:
    assert WAYS.keys() >= set(Deletion)


BY_WHAT_FOLLOWS = "the step that follows the document tells of it"
A_CHANGE = "it changes what stays, which is as it was, like everything that was changed"
ELSEWHERE = "it is in no database of ours, or nothing is deleted"
NOT_A_USERS = "administrators' own"
TOLD: Mapping[str, Deletion | str] = {
    "/v1/action-items/{action_item_id}": BY_WHAT_FOLLOWS,
    "/v1/announcements/{announcement_id}": NOT_A_USERS,
    "/v1/apps/{app_id}": Deletion.APP,
    "/v1/apps/{app_id}/keys/{key_id}": Deletion.APP_KEY,
    "/v1/calendar/meetings/{meeting_id}": Deletion.MEETING,
    "/v1/clear-chat": Deletion.CHAT,
    "/v1/conversations/{conversation_id}": BY_WHAT_FOLLOWS,
    "/v1/conversations/{conversation_id}/action-items": A_CHANGE,
    "/v1/conversations/{conversation_id}/calendar-event": A_CHANGE,
    "/v1/dev/keys/{key_id}": Deletion.DEVELOPER_KEY,
    "/v1/dev/user/action-items/{action_item_id}": BY_WHAT_FOLLOWS,
    "/v1/dev/user/conversations/{conversation_id}": BY_WHAT_FOLLOWS,
    "/v1/dev/user/folders/{folder_id}": Deletion.FOLDER,
    "/v1/dev/user/goals/{goal_id}": Deletion.GOAL,
    "/v1/dev/user/memories/{memory_id}": BY_WHAT_FOLLOWS,
    "/v1/folders/{folder_id}": Deletion.FOLDER,
    "/v1/goals/{goal_id}": Deletion.GOAL,
    "/v1/import/limitless/conversations": BY_WHAT_FOLLOWS,
    "/v1/knowledge-graph": A_CHANGE,
    "/v1/mcp/keys/{key_id}": Deletion.MCP_KEY,
    "/v1/mcp/memories/{memory_id}": BY_WHAT_FOLLOWS,
    "/v1/mcp/sse": ELSEWHERE,
    "/v1/messages": Deletion.CHAT,
    "/v1/task-integrations/{app_key}": Deletion.TASK_LIST,
    "/v1/users/daily-summaries/{summary_id}": Deletion.DAILY_SUMMARY,
    "/v1/users/delete-account": BY_WHAT_FOLLOWS,
    "/v1/users/people/{person_id}": Deletion.PERSON,
    "/v1/users/people/{person_id}/speech-samples/{index}": A_CHANGE,
    "/v1/users/shares/{share_id}": Deletion.SHARE,
    "/v1/users/store-recording-permission": Deletion.CONSENT,
    "/v2/chat-sessions/{session_id}": Deletion.CHAT_SESSION,
    "/v2/desktop/messages": Deletion.CHAT,
    "/v2/messages": Deletion.CHAT,
    "/v3/memories": BY_WHAT_FOLLOWS,
    "/v3/memories/batch": BY_WHAT_FOLLOWS,
    "/v3/memories/{memory_id}": BY_WHAT_FOLLOWS,
    "/v3/speech-profile/expand": A_CHANGE,
}
"""What tells of each, or why nothing has to."""


def test_every_route_that_deletes_is_told_of_or_says_why_not() -> None:
    routes = {operation.path for operation in operations() if operation.method == "DELETE"}
    assert routes == set(TOLD)
