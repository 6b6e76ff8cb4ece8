"""What every collection can do, through the real client."""

import threading
from typing import Any

import pytest
from google.cloud.firestore import FieldFilter, Query

from common.core.errors import ConflictError, NotFoundError
from common.database import cache
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.pages import read_page
from common.models.base import Document

pytestmark = pytest.mark.usefixtures("stores")

STRANGE_IDS = ["", ".", "..", "__x__", "a/b", "x" * 1501]


class Thing(Document):
    """Something to store."""

    id: str
    rank: int = 0
    name: str = ""


def things(uid: str) -> Documents[Thing]:
    return Documents("users", uid, "things", model=Thing, noun="Thing")


def test_what_is_created_is_read_back_and_not_created_again(uid: str) -> None:
    thing = things(uid).create(Thing(id="a", name="one"))
    assert things(uid).get("a") == thing
    with pytest.raises(ConflictError, match="Thing exists already"):
        things(uid).create(Thing(id="a", name="two"))
    assert things(uid).get("a").name == "one"


@pytest.mark.parametrize("thing_id", STRANGE_IDS)
def test_an_id_that_no_document_can_have_is_not_found(uid: str, thing_id: str) -> None:
    for ask in (things(uid).get, things(uid).delete, lambda each: things(uid).change(each, _louder)):
        with pytest.raises(NotFoundError, match="Thing not found"):
            ask(thing_id)
    assert things(uid).find(thing_id) is None
    assert things(uid).find_many([thing_id]) == []
    assert things(uid).delete_many([thing_id]) == 0


def test_many_come_in_the_order_asked_for_without_those_that_are_not_there(uid: str) -> None:
    things(uid).put(*(Thing(id=name) for name in "abc"))
    assert [thing.id for thing in things(uid).find_many(["c", "x", "a", "c"])] == ["c", "a", "c"]
    assert things(uid).find_many([]) == []


def test_more_than_a_batch_is_written_counted_and_deleted(uid: str) -> None:
    things(uid).put(*(Thing(id=f"{number:04d}", rank=number) for number in range(1000)))
    assert things(uid).count(things(uid).collection) == 1000
    assert len(things(uid).delete_found(things(uid).collection.where(filter=FieldFilter("rank", ">=", 10)))) == 990
    assert things(uid).count(things(uid).collection) == 10


def test_a_document_that_cannot_be_read_is_none_and_hides_no_other(uid: str) -> None:
    things(uid).put(Thing(id="a"), Thing(id="c"))
    things(uid).collection.document("b").set({"rank": "high"})
    assert things(uid).find("b") is None
    with pytest.raises(NotFoundError):
        things(uid).change("b", _louder)
    assert [thing.id for thing in things(uid).stream(things(uid).collection.order_by("__name__"))] == ["a", "c"]


def test_a_change_is_applied_to_what_is_there_and_only_what_changed_is_written(uid: str) -> None:
    things(uid).create(Thing(id="a", name="one", rank=1))
    things(uid).collection.document("a").update({"of_a_newer_version": True})
    assert things(uid).change("a", _louder) == Thing(id="a", name="ONE", rank=1)
    stored: Any = things(uid).collection.document("a").get().to_dict()
    assert stored == {"id": "a", "name": "ONE", "rank": 1, "of_a_newer_version": True}
    assert things(uid).change("a", lambda _: None).name == "ONE"
    with pytest.raises(NotFoundError):
        things(uid).change("b", _louder)


def test_changes_at_the_same_time_all_count(uid: str) -> None:
    things(uid).create(Thing(id="a"))

    def add() -> None:
        things(uid).change("a", lambda thing: thing.model_copy(update={"rank": thing.rank + 1}))

    threads = [threading.Thread(target=add) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert things(uid).get("a").rank == 5


def test_deleting_what_is_not_there_says_so(uid: str) -> None:
    things(uid).create(Thing(id="a"))
    things(uid).delete("a")
    with pytest.raises(NotFoundError):
        things(uid).delete("a")


class TestPages:
    """By offset on the wire, by cursor inside."""

    @staticmethod
    def _page(uid: str, offset: int, *, limit: int = 3) -> list[str]:
        collection = things(uid).collection
        query = collection.order_by("rank")
        snapshots = read_page(query, within=collection, limit=limit, offset=offset, of=f"{uid} things by rank")
        return [snapshot.id for snapshot in snapshots]

    @pytest.fixture
    def eight(self, uid: str) -> str:
        things(uid).put(*(Thing(id=str(number), rank=number) for number in range(8)))
        return uid

    def test_pages_follow_each_other_to_the_end(self, eight: str) -> None:
        pages = [self._page(eight, offset) for offset in (0, 3, 6, 9)]
        assert pages == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"], []]

    def test_without_redis_they_are_the_same(self, eight: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "redis_client", lambda: None)
        assert [self._page(eight, offset) for offset in (0, 3, 6)] == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"]]

    def test_who_reads_on_repeats_and_misses_nothing_when_something_came_before(self, eight: str) -> None:
        assert self._page(eight, 0) == ["0", "1", "2"]
        things(eight).put(Thing(id="new", rank=-1))
        assert self._page(eight, 3) == ["3", "4", "5"]
        assert self._page(eight, 0) == ["new", "0", "1"]
        assert self._page(eight, 3) == ["2", "3", "4"]

    def test_where_the_last_of_a_page_is_gone_the_offset_counts(self, eight: str) -> None:
        assert self._page(eight, 0) == ["0", "1", "2"]
        things(eight).delete("2")
        assert self._page(eight, 3) == ["4", "5", "6"]

    def test_a_noted_end_costs_one_read_and_no_skipped_documents(
        self, eight: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._page(eight, 0)

        def skip(_: Query, count: int) -> Query:
            raise AssertionError(f"{count} documents skipped")

        monkeypatch.setattr(Query, "offset", skip)
        assert self._page(eight, 3) == ["3", "4", "5"]


def _louder(thing: Thing) -> Thing:
    return thing.model_copy(update={"name": thing.name.upper()})


def test_collections_of_two_users_are_apart(uid: str) -> None:
    things(uid).create(Thing(id="a"))
    assert things(f"{uid}-2").find("a") is None
    assert firestore_client().document("users", uid, "things", "a").get().exists
