"""Work over all users: bounded, noted, taken up again; and what does so: reindex, data-keys, migrate."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.conversations.search import search_conversations
from common.core.errors import ConflictError, RetryableError
from common.database import conversations, keys, memories, users, wrapping
from common.database.clients import firestore_client
from common.database.progress import PROGRESS
from common.models.memory import Memory
from common.users.protection import choose_protection
from operate import migrations
from operate.migrations import Migration
from operate.walking import Walk
from tests.support.making import NOON, a_conversation, a_segment
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores
from tests.wire.operate.conftest import Operate


@pytest.fixture(autouse=True)
def nobody(stores: Stores) -> Iterator[None]:
    """No users but a test's own."""
    assert stores
    yield
    for place in [*firestore_client().collection("users").list_documents(), PROGRESS.collection]:
        firestore_client().recursive_delete(place)


def _people(count: int) -> list[str]:
    uids = [f"u{number:03d}" for number in range(count)]
    for uid in uids:
        users.change(uid=uid, name="old")
    return uids


def test_everybody_is_walked_to_once_and_so_many_at_a_time() -> None:
    uids, met, at_once = _people(20), [], 0
    lock, most = threading.Lock(), []

    def work(uid: str) -> dict[str, int]:
        nonlocal at_once
        with lock:
            met.append(uid)
            at_once += 1
            most.append(at_once)
        users.find(uid=uid)
        with lock:
            at_once -= 1
        return {"things": 2}

    progress = Walk("w", work, parallel=3).go()
    assert sorted(met) == uids
    assert max(most) <= 3
    assert (progress.users, progress.counts, progress.failed) == (20, {"things": 40}, [])
    assert progress.finished_at is not None


def test_a_walk_that_was_cut_short_goes_on_where_it_was() -> None:
    uids, met = _people(20), []

    def work(uid: str) -> dict[str, int]:
        met.append(uid)
        if uid == "u012":
            raise KeyboardInterrupt
        return {}

    with pytest.raises(KeyboardInterrupt):
        Walk("w", work, parallel=1).go()
    cut = PROGRESS.get("w")
    assert (cut.after, cut.users, cut.finished_at) == ("u007", 8, None)
    again: list[str] = []
    walk = Walk("w", lambda uid: {"things": 1} if not again.append(uid) else {}, parallel=1)  # type: ignore[func-returns-value]
    assert walk.go().users == 20
    assert again == uids[8:]
    Walk("w", lambda uid: {"things": 1} if not again.append(uid) else {}, parallel=1).go()  # type: ignore[func-returns-value]
    assert len(again) == 12 + 20, "one that is over begins anew"


def test_of_two_who_walk_at_once_the_later_one_goes_on_and_nobody_for_whom_it_failed_is_forgotten() -> None:
    uids, met = _people(30), []
    later: list[str] = []

    def fails_once(uid: str) -> dict[str, int]:
        met.append(uid)
        if uid == "u001":
            raise RuntimeError
        if uid == "u012":
            assert Walk("w", lambda each: {"things": 1} if not later.append(each) else {}, parallel=1).go().failed == [  # type: ignore[func-returns-value]
                "u001"
            ]
        return {}

    with pytest.raises(ConflictError):
        Walk("w", fails_once, parallel=1).go()
    assert met == uids[:16], "what it was at when the other one began is the last"
    assert later == uids[8:]
    left = PROGRESS.get("w")
    assert (left.finished_at, left.failed, left.users) == (None, ["u001"], 29)


def test_a_walk_with_other_options_begins_with_the_first() -> None:
    _people(10)
    met: list[str] = []

    def work(uid: str) -> dict[str, int]:
        met.append(uid)
        if uid == "u009":
            raise KeyboardInterrupt
        return {}

    with pytest.raises(KeyboardInterrupt):
        Walk("w", work, parallel=1, options={"anew": "no"}).go()
    met.clear()
    with pytest.raises(KeyboardInterrupt):
        Walk("w", work, parallel=1, options={"anew": "yes"}).go()
    assert met[0] == "u000"


def test_one_user_for_whom_it_fails_holds_nobody_up_and_is_named() -> None:
    _people(12)

    def work(uid: str) -> dict[str, int]:
        if uid == "u003":
            raise ValueError
        return {"things": 1}

    progress = Walk("w", work, parallel=2).go()
    assert (progress.failed, progress.users, progress.finished_at) == (["u003"], 11, None)
    assert Walk("w", lambda _: {"things": 1}, parallel=2).go().users == 12, "the next begins with the first"


def test_a_walk_that_fails_for_everybody_stops_and_loses_no_ground() -> None:
    _people(30)

    def work(uid: str) -> dict[str, int]:
        if uid >= "u008":
            raise ValueError
        return {}

    with pytest.raises(RetryableError):
        Walk("w", work, parallel=1).go()
    assert PROGRESS.get("w").after == "u007"


def test_everybodys_vectors_are_brought_up_to_date(operate: Operate, words: WordEmbedder) -> None:
    for uid in _people(3):
        said = [a_segment("green apples from the market", 0, 5)]
        conversations.create(a_conversation(status="completed", transcript_segments=said), uid=uid)
    assert operate("reindex").told == {"users": 3, "documents": 3, "busy": 0, "unreadable": 0, "failed": []}
    assert len(search_conversations("apples", uid="u001", include_discarded=False, limit=5)) == 1
    calls = words.calls
    assert operate("reindex", "u001").told == {"uid": "u001", "documents": 1, "busy": 0, "unreadable": 0}
    assert operate("reindex", "--anew").told["documents"] == 3
    assert words.calls > calls


def test_what_cannot_be_read_by_this_shells_keys_is_not_taken_for_gone(
    operate: Operate, words: WordEmbedder, set_to: Callable[..., None], tmp_path: Path
) -> None:
    assert words
    [uid] = _people(1)
    choose_protection("enhanced", uid=uid)
    moment = {"created_at": NOON, "updated_at": NOON}
    memories.of(uid=uid).put(Memory.model_validate({"id": "m1", "uid": uid, "content": "Likes tea", **moment}))
    assert operate("reindex", uid).code == 0
    stored = operate("user", "show", uid).told["stored"]["vectors"]
    set_to(data_key_secret="another")  # noqa: S106 - of a test
    wrapping._wrappers.cache_clear()
    keys.forget()
    for words_ in ((uid, "--anew"), ("--anew",), ()):
        ran = operate("reindex", *words_)
        assert (ran.code, ran.told["unreadable"]) == (1, 1)
    assert operate("user", "show", uid).told["stored"]["vectors"] == stored
    for secret in ("another", ""):
        set_to(data_key_secret=secret)
        wrapping._wrappers.cache_clear()
        keys.forget()
        exported = operate("user", "export", uid, "--to", str(tmp_path / f"{secret}.json"))
        assert (exported.code, "DATA_KEY_SECRET" in exported.told["says"]) == (1, True)
    wrapping._wrappers.cache_clear()
    keys.forget()


def test_a_key_is_rotated_only_of_those_who_have_their_words_sealed(operate: Operate) -> None:
    [plain, sealed] = _people(2)
    choose_protection("enhanced", uid=sealed)
    keys.current(uid=sealed)
    assert operate("data-keys", "rotate", sealed).told["versions"] == 2
    assert operate("data-keys", "rotate", plain).code == 2
    assert keys.all_versions(uid=plain) == []


def test_after_a_new_secret_everybodys_keys_are_wrapped_by_it(operate: Operate, set_to: Callable[..., None]) -> None:
    uids = _people(3)
    for uid in uids[:2]:
        choose_protection("enhanced", uid=uid)
        keys.current(uid=uid)
    assert operate("data-keys", "rewrap").told["rewrapped"] == 0
    set_to(data_key_secret="another", former_data_key_secret="local")  # noqa: S106 - of a test
    wrapping._wrappers.cache_clear()
    keys.forget()
    assert operate("data-keys", "rewrap", uids[0]).told == {"uid": uids[0], "rewrapped": 1}
    assert operate("data-keys", "rewrap").told == {"users": 3, "rewrapped": 1, "failed": []}
    set_to(former_data_key_secret="")
    wrapping._wrappers.cache_clear()
    keys.forget()
    assert [len(keys.all_versions(uid=uid)) for uid in uids] == [1, 1, 0]
    wrapping._wrappers.cache_clear()


def test_an_instance_that_was_told_the_next_secret_reads_what_is_wrapped_by_it(set_to: Callable[..., None]) -> None:
    """As docs/operate.md has it: first the new one is known everywhere, then it wraps."""
    [uid] = _people(1)
    choose_protection("enhanced", uid=uid)
    set_to(data_key_secret="another", former_data_key_secret="local")  # noqa: S106 - an instance that is ahead
    wrapping._wrappers.cache_clear()
    made = keys.current(uid=uid)
    assert made is not None

    set_to(data_key_secret="local", former_data_key_secret="another")  # noqa: S106 - one that is behind
    wrapping._wrappers.cache_clear()
    keys.forget()
    assert keys.current(uid=uid) == made
    wrapping._wrappers.cache_clear()


def test_with_nothing_to_migrate_it_says_so(operate: Operate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", ())
    ran = operate("migrate")
    assert (ran.code, ran.told) == (0, {"known": 0, "pending": 0, "says": "nothing is left to migrate"})


@pytest.fixture
def renaming(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A migration that gives everybody a new name, and another one after it; for whom the first fails."""
    broken: list[str] = []

    def rename(uid: str, dry_run: bool) -> int:  # noqa: FBT001 - as migrations are called
        if uid in broken:
            raise ValueError
        if users.find(uid=uid).name == "new":
            return 0
        if not dry_run:
            users.change(uid=uid, name="new")
        return 1

    known = (Migration(1, "new names", rename), Migration(2, "nothing at all", lambda _, __: 0))
    monkeypatch.setattr(migrations, "MIGRATIONS", known)
    return broken


def test_a_dry_run_counts_and_changes_nothing(operate: Operate, renaming: list[str]) -> None:
    [uid, *_] = _people(3)
    assert renaming == []
    ran = operate("migrate", "--dry-run")
    assert (ran.code, ran.told["pending"], ran.told["left"]) == (1, 2, 2)
    assert [(row["number"], row["users"], row["documents"]) for row in ran.rows] == [(1, 3, 3), (2, 3, 0)]
    assert users.find(uid=uid).name == "old"
    assert PROGRESS.stream(PROGRESS.collection.limit(1)) == []


@pytest.mark.usefixtures("renaming")
def test_migrations_are_done_once_in_their_order_and_only_when_it_is_meant(operate: Operate) -> None:
    uids = _people(3)
    assert operate("migrate").code == 2
    assert users.find(uid=uids[0]).name == "old"
    ran = operate("migrate", "--yes")
    assert (ran.code, ran.told["left"]) == (0, 0)
    assert [(row["number"], row["documents"], row["failed"]) for row in ran.rows] == [(1, 3, []), (2, 0, [])]
    assert {users.find(uid=uid).name for uid in uids} == {"new"}
    users.change(uid=uids[0], name="old")
    assert operate("migrate", "--yes").told["pending"] == 0
    assert users.find(uid=uids[0]).name == "old"


def test_the_next_migration_waits_until_the_one_before_is_done_for_everybody(
    operate: Operate, renaming: list[str]
) -> None:
    uids = _people(3)
    renaming.append(uids[1])
    ran = operate("migrate", "--yes")
    assert (ran.code, ran.told["left"]) == (1, 2)
    assert [(row["number"], row["failed"]) for row in ran.rows] == [(1, [uids[1]])]
    renaming.clear()
    again = operate("migrate", "--yes")
    assert (again.code, [(row["number"], row["documents"]) for row in again.rows]) == (0, [(1, 1), (2, 0)])
