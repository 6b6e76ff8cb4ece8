"""After a backup was brought back, what was deleted since is deleted again, by what the log lines tell of it."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from common.accounts.deletion import delete_account
from common.action_items.index import index_action_item
from common.conversations.delete import delete_conversation
from common.conversations.purge import purge_conversation
from common.core import clock
from common.core.ids import digest
from common.core.logs import bind, configure
from common.database import action_items, conversations, memories, tombstones, users
from common.database.account_deletions import DELETIONS
from common.database.stray_vectors import remove_strays
from common.memories.index import index_memory
from common.models.action_item import ActionItem
from common.models.events import DeleteAccount
from common.models.memory import Memory
from tests.support.making import NOON, a_conversation

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tests.support.providers import WordEmbedder
    from tests.wire.operate.conftest import Operate

SINCE = "2026-01-01T12:00:00Z"
LATER = "2026-06-02T08:00:00Z"


def _line(message: str, uid: str, **fields: Any) -> dict[str, Any]:
    return {"message": message, "user": digest(uid), "time": LATER, **fields}


def _in_cloud_logging(line: dict[str, Any]) -> dict[str, Any]:
    """As `gcloud logging read --format=json` prints it: it takes the time out of the line."""
    said = {name: value for name, value in line.items() if name != "time"}
    return {"timestamp": line["time"], "jsonPayload": said, "resource": {"type": "cloud_run_revision"}}


def _everything(uid: str, *, made_at: datetime = NOON) -> None:
    """A conversation, a memory and a task."""
    when = {"created_at": made_at, "updated_at": made_at}
    conversations.create(a_conversation(id="c1", created_at=made_at), uid=uid)
    memories.of(uid=uid).put(Memory.model_validate({"id": "m1", "uid": uid, "content": "Likes tea", **when}))
    action_items.of(uid=uid).put(ActionItem.model_validate({"id": "a1", "uid": uid, "description": "Buy tea", **when}))


@pytest.fixture
def in_file(tmp_path: Path) -> Path:
    """Where lines are written to."""
    return tmp_path / "deleted.json"


@pytest.mark.parametrize("in_the_cloud", [False, True])
def test_what_is_there_again_is_listed_then_deleted_then_not_there(
    operate: Operate, uid: str, in_file: Path, *, in_the_cloud: bool
) -> None:
    _everything(uid)
    lines = [
        _line("conversation_purged", uid, conversation_id="c1", merged=False, cascade=False),
        _line("indexed", uid, step="index_memory", document_id="m1", removed=True, gone=True),
        _line("indexed", uid, step="index_action_item", document_id="a1", removed=True, gone=True),
        _line("conversation_purged", uid, conversation_id="never-backed-up", merged=False, cascade=False),
        _line("conversation_purged", f"{uid}-who-came-later", conversation_id="c1", merged=False, cascade=False),
    ]
    if in_the_cloud:
        in_file.write_text(json.dumps([_in_cloud_logging(line) for line in lines], indent=2))
    else:
        in_file.write_text("no line of ours\n" + "\n".join(json.dumps(line) for line in lines * 2))
    asked = (str(in_file), "--since", SINCE)

    listed = operate("deletions", "list", *asked)
    assert (listed.code, listed.told["told"], listed.told["there_again"]) == (1, 5, 3)
    assert conversations.exists(uid=uid, conversation_id="c1")
    assert operate("deletions", "redo", *asked).code == 2, "it asks"

    redone = operate("deletions", "redo", *asked, "--yes")
    assert (redone.code, redone.told["deleted"]) == (0, 3)
    assert [(row["kind"], row["id"]) for row in redone.rows] == [
        ("conversation", "c1"),
        ("memory", "m1"),
        ("action item", "a1"),
    ]
    assert not conversations.exists(uid=uid, conversation_id="c1")
    assert memories.of(uid=uid).find("m1") is None
    assert action_items.of(uid=uid).find("a1") is None
    again = operate("deletions", "list", *asked)
    assert (again.code, again.told["there_again"], again.rows) == (0, 0, [])


def test_what_was_learned_goes_where_it_went_before(operate: Operate, uid: str, in_file: Path) -> None:
    conversations.create(a_conversation(id="c1"), uid=uid)
    in_file.write_text(json.dumps(_line("conversation_purged", uid, conversation_id="c1", merged=False, cascade=True)))
    assert operate("deletions", "redo", str(in_file), "--since", SINCE, "--yes").code == 0
    grave = tombstones.of(uid=uid).find("c1")
    assert grave is not None
    assert grave.cascade


def test_a_user_who_has_left_is_deleted_again_with_everything(
    operate: Operate, uid: str, in_file: Path, set_to: Callable[..., None]
) -> None:
    set_to(answer_wait_s="0")
    users.change(uid=uid, name="Ada")
    in_file.write_text(json.dumps(_line("account_deletion", uid, state="settling")))
    ran = operate("deletions", "redo", str(in_file), "--since", SINCE, "--yes")
    assert [(row["kind"], row["uid"]) for row in ran.rows] == [("user", uid)]
    assert DELETIONS.find(uid) is not None


def test_who_has_come_back_since_and_what_was_made_since_stays(
    operate: Operate, uid: str, in_file: Path, set_to: Callable[..., None]
) -> None:
    set_to(answer_wait_s="0")
    _everything(uid, made_at=clock.now())
    before = (clock.now() - timedelta(days=1)).isoformat()
    lines = [
        _line("account_deletion", uid, state="settling", time=before),
        _line("conversation_purged", uid, conversation_id="c1", time=before),
        _line("indexed", uid, step="index_memory", document_id="m1", gone=True, time=before),
        _line("indexed", uid, step="index_action_item", document_id="a1", gone=True, time=before),
    ]
    in_file.write_text("\n".join(json.dumps(line) for line in lines))
    asked = ("deletions", "list", str(in_file), "--since", SINCE)
    assert [row["kind"] for row in operate(*asked).rows] == ["user"]
    operate("user", "delete", uid, "--yes")
    assert operate(*asked).told["there_again"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "conversation_purged", "conversation_id": "c1", "merged": True},
        {"message": "conversation_purged", "conversation_id": "c1", "time": "2026-01-01T11:59:59Z"},
        {"message": "conversation_purged", "conversation_id": "c1", "time": "yesterday"},
        {"message": "conversation_purged", "conversation_id": "a/b"},
        {"message": "indexed", "step": "index_memory", "document_id": "m1", "removed": True, "gone": False},
        {"message": "indexed", "step": "index_conversation", "document_id": "c1", "removed": True, "gone": True},
    ],
    ids=["lives on in another", "before the backup", "at no time", "no id", "only out of the index", "not by this"],
)
def test_what_was_not_deleted_since_stays(operate: Operate, uid: str, in_file: Path, fields: dict[str, Any]) -> None:
    _everything(uid)
    in_file.write_text(json.dumps(_line("", uid) | fields))
    assert operate("deletions", "redo", str(in_file), "--since", SINCE, "--yes").told["told"] == 0
    assert conversations.exists(uid=uid, conversation_id="c1")
    assert memories.of(uid=uid).find("m1") is not None


def test_the_lines_that_deleting_writes_are_those_that_are_read(
    operate: Operate, uid: str, in_file: Path, words: WordEmbedder
) -> None:
    assert words
    _everything(uid)
    index_memory(uid=uid, memory_id="m1")
    index_action_item(uid=uid, action_item_id="a1")
    with in_file.open("w") as stream:
        configure(stream)
        delete_conversation(uid=uid, conversation_id="c1", cascade=True)
        bind(uid=uid, conversation_id="c1", step="purge_conversation")
        purge_conversation(uid=uid, conversation_id="c1")
        memories.of(uid=uid).delete("m1")
        bind(uid=uid, document_id="m1", step="index_memory")
        index_memory(uid=uid, memory_id="m1")
        action_items.of(uid=uid).delete("a1")
        bind(uid=uid, document_id="a1", step="index_action_item")
        index_action_item(uid=uid, action_item_id="a1")
        configure(sys.stderr)
    _everything(uid)

    since = (clock.now() - timedelta(hours=1)).isoformat()
    assert operate("deletions", "redo", str(in_file), "--since", since, "--yes").told["deleted"] == 3


def test_a_memory_that_the_index_had_nothing_of_is_told_of(
    operate: Operate, uid: str, in_file: Path, words: WordEmbedder
) -> None:
    assert words
    wrong = Memory.model_validate(
        {"id": "m1", "uid": uid, "content": "Likes tea", "user_review": False, "created_at": NOON, "updated_at": NOON}
    )
    memories.of(uid=uid).put(wrong)
    index_memory(uid=uid, memory_id="m1")
    with in_file.open("w") as stream:
        configure(stream)
        memories.of(uid=uid).delete("m1")
        bind(uid=uid, document_id="m1", step="index_memory")
        index_memory(uid=uid, memory_id="m1")
        configure(sys.stderr)
    memories.of(uid=uid).put(wrong)

    since = (clock.now() - timedelta(hours=1)).isoformat()
    assert operate("deletions", "redo", str(in_file), "--since", since, "--yes").told["deleted"] == 1


def test_lines_of_several_files_are_read_and_a_file_without_any_is_wrong_usage(
    operate: Operate, uid: str, tmp_path: Path
) -> None:
    _everything(uid)
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    lines = [
        _line("indexed", uid, step="index_memory", document_id="m1", gone=True),
        _line("indexed", uid, step="index_action_item", document_id="a1", gone=True),
    ]
    for file, line in zip(files, lines, strict=True):
        file.write_text(json.dumps([_in_cloud_logging(line)], indent=2))
    assert operate("deletions", "list", *map(str, files), "--since", SINCE).told["there_again"] == 2
    for broken in ("", "ERROR: (gcloud.logging.read) You do not have permission", files[0].read_text()[:-10]):
        files[0].write_text(broken)
        assert operate("deletions", "list", *map(str, files), "--since", SINCE).code == 2
    files[0].write_text("[]")
    assert operate("deletions", "list", *map(str, files), "--since", SINCE).told["there_again"] == 1


def test_of_a_user_who_is_deleted_again_nothing_else_is_listed(
    operate: Operate, uid: str, in_file: Path, set_to: Callable[..., None]
) -> None:
    set_to(answer_wait_s="0")
    _everything(uid)
    lines = [
        _line("indexed", uid, step="index_memory", document_id="m1", gone=True),
        _line("account_deletion", uid, state="settling"),
    ]
    in_file.write_text("\n".join(json.dumps(line) for line in lines))
    ran = operate("deletions", "list", str(in_file), "--since", SINCE)
    assert [row["kind"] for row in ran.rows] == ["user"]


def test_the_lines_of_a_user_who_leaves_are_those_that_are_read(
    operate: Operate, uid: str, in_file: Path, set_to: Callable[..., None]
) -> None:
    set_to(answer_wait_s="0")
    users.change(uid=uid, name="Ada")
    operate("user", "delete", uid, "--yes")
    with in_file.open("w") as stream:
        configure(stream)
        bind(uid=uid, step="delete_account")
        delete_account(DeleteAccount(uid=uid))
        configure(sys.stderr)
    users.change(uid=uid, name="Ada")
    since = (clock.now() - timedelta(hours=1)).isoformat()
    ran = operate("deletions", "list", str(in_file), "--since", since)
    assert [(row["kind"], row["uid"]) for row in ran.rows] == [("user", uid)]


@pytest.mark.parametrize("words", [["/nowhere/at/all.json", "--since", SINCE], ["--since", SINCE], ["a.json"]])
def test_without_lines_or_a_moment_it_is_wrong_usage(operate: Operate, words: list[str]) -> None:
    assert operate("deletions", "list", *words).code == 2
    assert operate("deletions", "list", __file__, "--since", "noon").code == 2


def test_vectors_of_what_the_database_has_lost_are_removed_and_no_others(
    operate: Operate, uid: str, words: WordEmbedder
) -> None:
    assert words
    for each in (uid, f"{uid}-other"):
        memories.of(uid=each).put(
            Memory.model_validate({"id": "m1", "uid": each, "content": "Tea", "created_at": NOON, "updated_at": NOON})
        )
        index_memory(uid=each, memory_id="m1")
    remove_strays()
    memories.of(uid=uid).delete("m1")  # as if it had never been: nobody is told

    assert operate("reindex", "--strays").code == 2, "it asks"
    assert operate("reindex", "--strays", uid, "--yes").code == 2
    assert operate("reindex", "--strays", "--yes").told["strays"] >= 1
    assert operate("reindex", "--strays", "--yes").told == {"strays": 0}
    assert operate("user", "show", f"{uid}-other").told["stored"]["vectors"] >= 1
