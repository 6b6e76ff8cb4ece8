"""Documents whose ids follow from what they say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.database.derived import Ensured, ensure_many
from common.database.documents import Documents
from common.models.base import Document

pytestmark = pytest.mark.usefixtures("stores")


class Note(Document):
    """Says something, under an id that follows from it."""

    id: str
    says: str


def _notes(uid: str) -> Documents[Note]:
    return Documents("users", uid, "notes", model=Note, noun="Note")


def _saying(says: str) -> Callable[[int], Note]:
    return lambda generation: Note(id=f"{says}-{generation}", says=says)


def _ensure(uid: str, *says: str) -> list[Ensured[Note]]:
    return ensure_many(
        _notes(uid), [_saying(each) for each in says], stands_for=lambda there, new: there.says == new.says
    )


def test_what_is_new_is_stored_and_what_is_there_is_found(uid: str) -> None:
    assert [(each.document.id, each.created) for each in _ensure(uid, "a", "b")] == [("a-0", True), ("b-0", True)]
    assert [(each.document.id, each.created) for each in _ensure(uid, "b", "c")] == [("b-0", False), ("c-0", True)]
    assert _ensure(uid) == []


def test_a_repetition_within_one_request_is_stored_once(uid: str) -> None:
    assert [(each.document.id, each.created) for each in _ensure(uid, "a", "a")] == [("a-0", True), ("a-0", False)]


def test_an_id_that_stands_for_something_else_by_now_is_passed_over(uid: str) -> None:
    _notes(uid).put(Note(id="a-0", says="x"), Note(id="a-1", says="y"))
    for created in (True, False):
        [found, again, other] = _ensure(uid, "a", "a", "b")
        assert (found.document.id, found.created, again.document.id, again.created) == ("a-2", created, "a-2", False)
        assert other.document.id == "b-0"


def test_many_who_want_the_same_get_the_same(uid: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda number: _ensure(uid, "a", f"own {number}"), range(8)))
    assert {result[0].document.id for result in results} == {"a-0"}
    assert sum(result[0].created for result in results) == 1
    assert all(result[1].created for result in results)
