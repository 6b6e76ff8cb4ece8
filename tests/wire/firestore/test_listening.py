"""Listeners through the real client."""

import queue
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud import firestore

Snapshot = tuple[list[str], list[tuple[str, str]]]


class Watch:
    """What a listener was told: per snapshot the ids in order, and the changes."""

    def __init__(self, watched: Any) -> None:
        self._snapshots: queue.Queue[Snapshot] = queue.Queue()
        self._watch = watched.on_snapshot(self._on_snapshot)

    def _on_snapshot(self, snapshots: list[Any], changes: list[Any], _: object) -> None:
        ids = [s.id for s in snapshots if s.exists]
        self._snapshots.put((ids, [(change.type.name, change.document.id) for change in changes]))

    def next(self) -> Snapshot:
        """The next snapshot."""
        return self._snapshots.get(timeout=10)

    def until(self, ids: list[str]) -> None:
        """Wait for a snapshot with exactly these documents in this order."""
        seen: list[list[str]] = []
        while True:
            try:
                seen.append(self.next()[0])
            except queue.Empty:
                pytest.fail(f"never saw {ids}, only {seen}")
            if seen[-1] == ids:
                return

    def is_quiet(self, seconds: float = 0.5) -> bool:
        """Whether nothing comes for a while."""
        try:
            self._snapshots.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def close(self) -> None:
        self._watch.unsubscribe()


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Callable[[Any], Watch]:
    def start(watched: Any) -> Watch:
        watching = Watch(watched)
        request.addfinalizer(watching.close)
        return watching

    return start


def test_a_document_is_followed_from_missing_to_deleted(db: Any, watch: Callable[[Any], Watch]) -> None:
    watching = watch(db.document("a/b"))
    assert watching.next()[0] == []
    db.document("a/b").set({"x": 1})
    watching.until(["b"])
    db.document("a/b").update({"x": 2})
    watching.until(["b"])
    db.document("a/b").delete()
    watching.until([])


def test_a_query_is_followed(db: Any, watch: Callable[[Any], Watch]) -> None:
    items = db.collection("items")
    items.document("one").set({"n": 1, "open": True})
    items.document("two").set({"n": 2, "open": False})
    watching = watch(items.where(filter=firestore.FieldFilter("open", "==", value=True)).order_by("n"))
    assert watching.next() == (["one"], [("ADDED", "one")])
    items.document("zero").set({"n": 0, "open": True})
    assert watching.next() == (["zero", "one"], [("ADDED", "zero")])
    items.document("two").update({"open": True})
    assert watching.next() == (["zero", "one", "two"], [("ADDED", "two")])
    items.document("zero").update({"n": 9})
    assert watching.next() == (["one", "two", "zero"], [("MODIFIED", "zero")])
    items.document("one").update({"open": False})
    assert watching.next() == (["two", "zero"], [("REMOVED", "one")])
    items.document("two").delete()
    assert watching.next() == (["zero"], [("REMOVED", "two")])


def test_a_limited_query_is_refilled(db: Any, watch: Callable[[Any], Watch]) -> None:
    items = db.collection("items")
    for n in range(4):
        items.document(str(n)).set({"n": n})
    watching = watch(items.order_by("n").limit(2))
    assert watching.next()[0] == ["0", "1"]
    items.document("0").delete()
    watching.until(["1", "2"])
    items.document("first").set({"n": -1})
    watching.until(["first", "1"])
    items.document("3").update({"n": 30})
    items.document("1").update({"n": 40})
    watching.until(["first", "2"])


def test_other_documents_cause_no_snapshot(db: Any, watch: Callable[[Any], Watch]) -> None:
    items = db.collection("items")
    items.document("one").set({"n": 1})
    watching = watch(items.where(filter=firestore.FieldFilter("n", "==", 1)))
    watching.next()
    items.document("two").set({"n": 2})
    db.document("others/one").set({"n": 1})
    assert watching.is_quiet()


def test_a_batch_arrives_as_one_snapshot(db: Any, watch: Callable[[Any], Watch]) -> None:
    watching = watch(db.collection("items"))
    assert watching.next() == ([], [])
    batch = db.batch()
    for n in range(5):
        batch.set(db.document(f"items/{n}"), {"n": n})
    batch.commit()
    assert watching.next()[0] == ["0", "1", "2", "3", "4"]


def test_a_collection_group_is_followed(db: Any, watch: Callable[[Any], Watch]) -> None:
    watching = watch(db.collection_group("conversations"))
    assert watching.next()[0] == []
    db.document("users/u1/conversations/c1").set({"x": 1})
    watching.until(["c1"])
    db.document("users/u2/conversations/c2").set({"x": 1})
    watching.until(["c1", "c2"])


def test_several_listeners_see_the_same_commit(db: Any, watch: Callable[[Any], Watch]) -> None:
    watches = [watch(db.collection("items")), watch(db.document("items/one")), watch(db.collection("items").limit(1))]
    for watching in watches:
        watching.next()
    db.document("items/one").set({"n": 1})
    for watching in watches:
        watching.until(["one"])
