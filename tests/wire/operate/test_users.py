"""Users and their keys by hand."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from common.accounts import keys as key_making
from common.database import account, api_keys, conversations, users
from common.database.account_deletions import DELETIONS
from common.database.api_keys import KeyKind
from common.models.account_deletion import AccountDeletion, DeletionState
from tests.support.making import NOON, a_conversation
from tests.support.stores import Stores
from tests.wire.operate.conftest import Operate


def test_a_user_is_made_once_and_what_is_named_is_set(operate: Operate, uid: str) -> None:
    assert operate("user", "create", uid, "--name", "Ada", "--time-zone", "Europe/Berlin").told == {
        "uid": uid,
        "created": True,
        "set": ["name", "time_zone"],
    }
    again = operate("user", "create", uid, "--language", "de")
    assert (again.code, again.told["created"], again.told["set"]) == (0, False, ["language"])
    known = users.find(uid=uid)
    assert (known.name, known.time_zone, known.language) == ("Ada", "Europe/Berlin", "de")


def test_making_a_user_who_is_there_changes_nothing(operate: Operate, uid: str) -> None:
    users.change(uid=uid, name="Ada")
    assert operate("user", "create", uid).told == {"uid": uid, "created": False, "set": []}
    assert users.find(uid=uid).name == "Ada"


@pytest.mark.parametrize("words", [["a/b"], [""], ["x" * 129], ["someone", "--time-zone", "Mars/Olympus"]])
def test_what_can_be_no_user_is_wrong_usage(operate: Operate, words: list[str]) -> None:
    ran = operate("user", "create", *words)
    assert (ran.code, ran.told) == (2, {})


def test_nobody_is_made_while_everything_of_theirs_is_being_deleted(operate: Operate, uid: str) -> None:
    DELETIONS.create(AccountDeletion(id=uid, requested_at=NOON))
    assert operate("user", "create", uid).code == 1
    users.change(uid=uid, name="Ada")
    assert operate("key", "create", uid, "--name", "laptop").code == 1
    assert api_keys.list_of_user(KeyKind.DEVELOPER, uid=uid) == []


def test_users_are_listed_page_by_page_also_those_without_a_document_of_their_own(operate: Operate, uid: str) -> None:
    mine = [f"{uid}-{letter}" for letter in "abc"]
    users.change(uid=mine[0], name="Ada")
    conversations.create(a_conversation(), uid=mine[1])
    users.change(uid=mine[2], name="Ada")
    page = operate("user", "list", "--after", uid, "--limit", "2")
    assert [row["uid"] for row in page.rows] == mine[:2]
    assert operate("user", "list", "--after", mine[1], "--limit", "1").rows == [{"uid": mine[2]}]
    assert operate("user", "list", "--limit", "0").code == 2


def test_a_user_is_shown_in_numbers_and_never_by_what_they_said(
    operate: Operate, uid: str, capsys: pytest.CaptureFixture[str]
) -> None:
    users.change(uid=uid, name="Marmalade", language="en")
    conversations.create(a_conversation(structured={"title": "Marmalade"}), uid=uid)
    ran = operate("user", "show", uid)
    assert ran.code == 0
    assert ran.told["stored"] == {"documents": 2}
    assert ran.told["language"] == "en"
    assert "Marmalade" not in json.dumps(ran.told) + ran.complained + capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["user", "show"],
        ["user", "delete", "--yes"],
        ["user", "export", "--to", "/nowhere/at/all.json"],
        ["key", "list"],
        ["key", "create", "--name", "laptop"],
        ["usage", "show"],
        ["reindex"],
        ["data-keys", "rotate"],
        ["data-keys", "rewrap"],
    ],
)
def test_an_unknown_user_is_an_error_everywhere_and_is_not_made(operate: Operate, uid: str, words: list[str]) -> None:
    ran = operate(*words, uid)
    assert (ran.code, ran.told) == (1, {})
    assert "Nothing is stored" in ran.complained
    assert not any(part.count(uid) for part in account.parts())


def test_an_export_is_for_its_owner_only_and_replaces_nothing(operate: Operate, uid: str, tmp_path: Path) -> None:
    users.change(uid=uid, name="Ada")
    target = tmp_path / "ada.json"
    ran = operate("user", "export", uid, "--to", str(target))
    assert ran.told == {"uid": uid, "file": str(target), "bytes": target.stat().st_size}
    assert json.loads(target.read_text())["user"]["name"] == "Ada"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    target.write_text("mine")
    assert operate("user", "export", uid, "--to", str(target)).code == 1
    assert target.read_text() == "mine"
    assert operate("user", "export", uid, "--to", str(tmp_path / "none" / "x.json")).code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ada.json"]


def test_nobody_is_deleted_without_a_word(operate: Operate, uid: str) -> None:
    users.change(uid=uid, name="Ada")
    ran = operate("user", "delete", uid)
    assert ran.code == 2
    assert "--yes" in ran.complained
    assert users.find(uid=uid).name == "Ada"
    assert DELETIONS.find(uid) is None


def test_deleting_asks_for_it_and_says_how_far_it_is(
    operate: Operate, uid: str, set_to: Callable[..., None], stores: Stores
) -> None:
    set_to(answer_wait_s="0.1")  # nobody works on tasks here
    users.change(uid=uid, name="Ada")
    ran = operate("user", "delete", uid, "--yes")
    assert (ran.code, ran.told["state"]) == (1, "running")
    DELETIONS.change(uid, lambda known: known.model_copy(update={"state": DeletionState.DONE}))
    assert operate("user", "show", uid).told["deletion"] == "done"
    assert stores


def test_a_key_is_told_once_and_lets_its_program_in_until_it_is_revoked(operate: Operate, uid: str) -> None:
    users.change(uid=uid, name="Ada")
    scopes = ["--scope", "memories:read", "--scope", "memories:write", "--scope", "memories:read"]
    made = operate("key", "create", uid, "--name", "laptop", *scopes)
    assert made.code == 0
    assert made.told["scopes"] == ["memories:read", "memories:write"]
    found = api_keys.find_by_secret(KeyKind.DEVELOPER, made.told["key"])
    assert found is not None
    assert (found.user_id, found.scopes) == (uid, ["memories:read", "memories:write"])
    listed = operate("key", "list", uid)
    assert [row["key_id"] for row in listed.rows] == [made.told["key_id"]]
    assert made.told["key"] not in json.dumps(listed.told)
    assert made.told["key"] not in made.complained
    unsaid = operate("key", "revoke", uid, made.told["key_id"])
    assert unsaid.code == 2
    assert operate("key", "revoke", uid, made.told["key_id"], "--yes").told["revoked"] == 1
    assert api_keys.find_by_secret(KeyKind.DEVELOPER, made.told["key"]) is None
    assert operate("key", "revoke", uid, made.told["key_id"], "--yes").code == 1


def test_a_key_of_somebody_else_is_not_revoked(operate: Operate, uid: str) -> None:
    other = f"{uid}-other"
    for each in (uid, other):
        users.change(uid=each, name="Ada")
    made = operate("key", "create", other, "--name", "assistant", "--kind", "mcp")
    assert operate("key", "revoke", uid, made.told["key_id"], "--kind", "mcp", "--yes").code == 1
    assert api_keys.find_by_secret(KeyKind.MCP, made.told["key"]) is not None


@pytest.mark.parametrize(
    "words",
    [
        ["--name", " "],
        ["--name", "x" * 101],
        ["--name", "x", "--scope", "everything"],
        ["--name", "x", "--kind", "mcp", "--scope", "memories:read"],
        ["--name", "x", "--kind", "app"],
        [],
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(operate: Operate, uid: str, words: list[str]) -> None:
    users.change(uid=uid, name="Ada")
    assert operate("key", "create", uid, *words).code == 2
    assert operate("key", "list", uid).rows == []


def test_nobody_has_more_keys_by_hand_than_by_the_app(
    operate: Operate, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_making, "MOST_KEYS", 1)
    users.change(uid=uid, name="Ada")
    assert operate("key", "create", uid, "--name", "one").code == 0
    assert operate("key", "create", uid, "--name", "two").code == 1


def test_what_was_used_is_told_in_numbers(operate: Operate, uid: str, set_to: Callable[..., None]) -> None:
    set_to(language_tokens_per_user_day="1000")
    users.change(uid=uid, name="Ada")
    ran = operate("usage", "show", uid, "--period", "today")
    assert ran.code == 0
    assert ran.told["language_tokens_per_user_day"] == 1000
    assert ran.told["language_tokens_today"] == ran.told["transcription_seconds"] == 0
    assert operate("usage", "show", uid, "--period", "eternity").code == 2
