"""What is kept in Redis of lists that change: never older than the last change that was told."""

from uuid import uuid4

import pytest

from common.database import cache, known_lists
from tests.support.stores import Stores


@pytest.fixture
def key(stores: Stores) -> str:
    assert stores.environment["REDIS_URL"]
    return f"known:{uuid4()}"


def test_what_was_read_is_kept(key: str) -> None:
    assert known_lists.recall(key, lambda: "first", seconds=60) == "first"
    assert known_lists.recall(key, lambda: "second", seconds=60) == "first"


def test_after_a_change_the_store_is_asked(key: str) -> None:
    known_lists.recall(key, lambda: "old", seconds=60)
    known_lists.outdate(key)
    assert known_lists.recall(key, lambda: "new", seconds=60) == "new"


def test_a_reader_on_its_way_does_not_put_back_what_was_outdated(key: str) -> None:
    def read_slowly() -> str:
        known_lists.outdate(key)  # somebody changes the list after it was read
        return "old"

    assert known_lists.recall(key, read_slowly, seconds=60) == "old"
    assert known_lists.recall(key, lambda: "new", seconds=60) == "new"


def test_without_redis_the_store_is_asked_every_time(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "redis_client", lambda: None)
    known_lists.outdate(key)
    assert known_lists.recall(key, lambda: "first", seconds=60) == "first"
    assert known_lists.recall(key, lambda: "second", seconds=60) == "second"
