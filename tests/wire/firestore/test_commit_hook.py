"""The commit hook: what is told about a commit, and that it is one with it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions

from local.firestore.store import Change
from local.firestore.times import to_microseconds

DATABASE = "projects/hooked/databases/(default)"


class Hook:
    """Keeps what it is told, and fails on request."""

    def __init__(self) -> None:
        self.commits: list[Sequence[Change]] = []
        self.fails = False

    def __call__(self, changes: Sequence[Change]) -> None:
        if self.fails:
            raise RuntimeError("no room in the outbox")
        self.commits.append(changes)

    def take(self) -> list[Change]:
        """The changes of the only commit since the last call."""
        (commit,) = self.commits
        self.commits.clear()
        return list(commit)


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
def hooked(tmp_path: Path, hook: Hook, start_backend: Any) -> Iterator[Any]:
    client = start_backend(tmp_path / "state.db", on_commit=hook).client("hooked")
    yield client
    client.close()


def test_creation_update_and_deletion_are_told_with_both_versions(hooked: Any, hook: Hook) -> None:
    reference = hooked.document("users/u1/conversations/c1")
    reference.set({"x": 1})
    (created,) = hook.take()
    assert (created.database, created.path, created.old) == (DATABASE, "users/u1/conversations/c1", None)
    assert created.new is not None
    assert created.new.name == f"{DATABASE}/documents/users/u1/conversations/c1"
    assert to_microseconds(created.new.update_time) == to_microseconds(created.new.create_time) == created.time_us

    reference.update({"x": 2})
    (updated,) = hook.take()
    assert updated.old is not None
    assert updated.new is not None
    assert updated.old.fields["x"].integer_value == 1
    assert updated.new.fields["x"].integer_value == 2
    assert updated.new.create_time == created.new.create_time
    assert to_microseconds(updated.new.update_time) == updated.time_us > created.time_us

    reference.delete()
    (deleted,) = hook.take()
    assert deleted.new is None
    assert deleted.old == updated.new


def test_writes_that_change_nothing_are_not_told(hooked: Any, hook: Hook) -> None:
    reference = hooked.document("a/b")
    reference.delete()
    assert hook.commits == []
    reference.set({"x": 1})
    hook.take()
    reference.set({"x": 1})
    reference.update({"x": 1})
    with pytest.raises(exceptions.AlreadyExists):
        reference.create({"x": 2})
    assert hook.commits == []


def test_several_writes_to_one_document_are_one_change(hooked: Any, hook: Hook) -> None:
    batch = hooked.batch()
    batch.set(hooked.document("a/b"), {"x": 1})
    batch.update(hooked.document("a/b"), {"x": 2})
    batch.set(hooked.document("a/c"), {"y": 1})
    batch.set(hooked.document("a/gone"), {"y": 1})
    batch.delete(hooked.document("a/gone"))
    batch.commit()
    changes = {change.path: change for change in hook.take()}
    assert changes.keys() == {"a/b", "a/c"}
    assert changes["a/b"].old is None
    assert changes["a/b"].new is not None
    assert changes["a/b"].new.fields["x"].integer_value == 2


def test_a_document_deleted_and_written_again_in_one_commit_is_an_update(hooked: Any, hook: Hook) -> None:
    reference = hooked.document("a/b")
    reference.set({"x": 1})
    hook.take()
    batch = hooked.batch()
    batch.delete(reference)
    batch.set(reference, {"x": 3})
    batch.commit()
    (change,) = hook.take()
    assert change.old is not None
    assert change.new is not None


def test_a_hook_that_fails_undoes_the_commit(hooked: Any, hook: Hook) -> None:
    reference = hooked.document("a/b")
    reference.set({"x": 1})
    hook.fails = True
    with pytest.raises(exceptions.InternalServerError):
        reference.set({"x": 2})
    hook.fails = False
    assert reference.get().to_dict() == {"x": 1}
    reference.set({"x": 3})
    assert reference.get().to_dict() == {"x": 3}
