"""Documents one by one and in batches, through the real client."""

import datetime as dt
import math
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector

NOON = dt.datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=dt.UTC)


def test_every_type_of_value_comes_back_as_it_went(db: Any) -> None:
    document: dict[str, object] = {
        "null": None,
        "yes": True,
        "integer": -(2**63),
        "double": 0.1,
        "text": "naïve \U0001f600 \x00 end",
        "raw": b"\x00\xff",
        "time": NOON,
        "place": firestore.GeoPoint(48.2, 16.4),
        "reference": db.document("users/u1"),
        "list": [1, "two", {"three": 3}],
        "map": {"deep": {"er": []}},
        "vector": Vector([1.0, 2.5]),
        "with.dot": 1,
        "with `tick": 2,
    }
    reference = db.document("things/all")
    reference.set(document)
    read = reference.get().to_dict()
    assert read == document


def test_not_a_number_comes_back(db: Any) -> None:
    db.document("a/b").set({"x": math.nan})
    assert math.isnan(db.document("a/b").get().get("x"))


def test_a_missing_document_is_reported_missing(db: Any) -> None:
    snapshot = db.document("a/missing").get()
    assert not snapshot.exists
    assert snapshot.read_time is not None


def test_create_refuses_an_existing_document(db: Any) -> None:
    db.document("a/b").create({"x": 1})
    with pytest.raises(exceptions.AlreadyExists, match="already exists"):
        db.document("a/b").create({"x": 2})
    assert db.document("a/b").get().to_dict() == {"x": 1}


def test_update_refuses_a_missing_document(db: Any) -> None:
    with pytest.raises(exceptions.NotFound):
        db.document("a/b").update({"x": 1})


def test_update_changes_only_the_named_paths(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"x": {"y": 1, "z": 2}, "w": 3, "gone": 4})
    reference.update({"x.y": 10, "gone": firestore.DELETE_FIELD})
    assert reference.get().to_dict() == {"x": {"y": 10, "z": 2}, "w": 3}


def test_merge_creates_and_keeps_other_fields(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"x": {"y": 1}}, merge=True)
    reference.set({"x": {"z": 2}, "v": [1]}, merge=True)
    assert reference.get().to_dict() == {"x": {"y": 1, "z": 2}, "v": [1]}


def test_an_identical_write_keeps_the_update_time(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"x": {"y": [1, 2]}, "z": "text", "nan": math.nan})
    before = reference.get()
    reference.set({"nan": math.nan, "z": "text", "x": {"y": [1, 2]}})
    after = reference.get()
    assert after.update_time == before.update_time
    reference.set({"z": "text", "x": {"y": [1, 3]}})
    assert reference.get().update_time > before.update_time
    assert reference.get().create_time == before.create_time


def test_an_update_time_precondition_lets_only_the_first_writer_through(db: Any) -> None:
    reference = db.document("a/b")
    seen = reference.set({"x": 1})
    option = db.write_option(last_update_time=seen.update_time)
    reference.update({"x": 2}, option=option)
    with pytest.raises(exceptions.FailedPrecondition):
        reference.update({"x": 3}, option=option)
    assert reference.get().to_dict() == {"x": 2}


def test_delete_of_a_missing_document_succeeds_and_with_a_precondition_fails(db: Any) -> None:
    db.document("a/b").delete()
    with pytest.raises(exceptions.NotFound):
        db.document("a/b").delete(option=db.write_option(exists=True))


def test_a_document_created_again_has_a_new_create_time(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"x": 1})
    first = reference.get()
    reference.delete()
    assert not reference.get().exists
    reference.set({"x": 1})
    assert reference.get().create_time > first.create_time


def test_transforms(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"count": 1, "tags": ["a", "b"], "high": 5, "low": 5, "text": "x"})
    reference.update(
        {
            "count": firestore.Increment(2.5),
            "tags": firestore.ArrayUnion(["b", "c", "c"]),
            "high": firestore.Maximum(7),
            "low": firestore.Minimum(7),
            "text": firestore.Increment(3),
            "at": firestore.SERVER_TIMESTAMP,
            "deep.er": firestore.ArrayRemove(["nothing"]),
        }
    )
    read = reference.get().to_dict() or {}
    at = read.pop("at")
    assert read == {"count": 3.5, "tags": ["a", "b", "c"], "high": 7, "low": 5, "text": 3, "deep": {"er": []}}
    assert abs((at - dt.datetime.now(dt.UTC)).total_seconds()) < 60
    reference.update({"tags": firestore.ArrayRemove(["a", "c"])})
    assert reference.get().get("tags") == ["b"]


def test_integer_increments_saturate(db: Any) -> None:
    reference = db.document("a/b")
    reference.set({"n": 2**63 - 2})
    reference.update({"n": firestore.Increment(10)})
    assert reference.get().get("n") == 2**63 - 1


def test_a_batch_is_all_or_nothing(db: Any) -> None:
    batch = db.batch()
    batch.set(db.document("a/one"), {"x": 1})
    batch.update(db.document("a/missing"), {"x": 1})
    with pytest.raises(exceptions.NotFound):
        batch.commit()
    assert not db.document("a/one").get().exists


def test_writes_of_one_batch_see_each_other(db: Any) -> None:
    batch = db.batch()
    reference = db.document("a/one")
    batch.set(reference, {"x": 1})
    batch.update(reference, {"y": 2})
    batch.update(reference, {"x": firestore.Increment(1)})
    batch.commit()
    assert reference.get().to_dict() == {"x": 2, "y": 2}


def test_get_all_gives_found_and_missing_documents_once_each(db: Any) -> None:
    db.document("a/1").set({"x": 1})
    db.document("a/3").set({"x": 3, "y": 3})
    references = [db.document(f"a/{name}") for name in ("1", "2", "3", "1")]
    snapshots = {s.id: s.to_dict() for s in db.get_all(references, field_paths=["x"])}
    assert snapshots == {"1": {"x": 1}, "2": None, "3": {"x": 3}}


@pytest.mark.parametrize("document_id", ["__reserved__", ".", ".."])
def test_reserved_document_ids_are_refused(db: Any, document_id: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        db.collection("a").document(document_id).set({"x": 1})


@pytest.mark.parametrize("content", [{"__x__": 1}, {"a": {"__x__": 1}}, {"a": [[1]]}, {"": 1}])
def test_what_cannot_be_stored_is_refused(db: Any, content: dict[str, object]) -> None:
    with pytest.raises((exceptions.InvalidArgument, ValueError)):
        db.document("a/b").set(content)


def test_a_document_above_one_mebibyte_is_refused(db: Any) -> None:
    db.document("a/b").set({"x": "y" * (1_048_576 - 100)})
    with pytest.raises(exceptions.InvalidArgument):
        db.document("a/b").set({"x": "y" * 1_048_576})


def test_maps_may_nest_twenty_levels(db: Any) -> None:
    content: dict[str, object] = {"leaf": 1}
    for _ in range(19):
        content = {"map": content}
    db.document("a/b").set(content)
    assert db.document("a/b").get().to_dict() == content


def test_databases_do_not_see_each_other(db: Any) -> None:
    db.document("a/b").set({"x": 1})
    assert [c.id for c in db.collections()] == ["a"]


def test_collections_and_missing_parents_are_listed(db: Any) -> None:
    db.document("users/u1/conversations/c1").set({"x": 1})
    db.document("users/u2").set({"x": 1})
    db.document("users/u2/memories/m1").set({"x": 1})
    assert sorted(c.id for c in db.document("users/u2").collections()) == ["memories"]
    assert [d.id for d in db.collection("users").list_documents(page_size=1)] == ["u1", "u2"]
    assert [s.id for s in db.collection("users").stream()] == ["u2"]


def test_recursive_delete_removes_everything_below(db: Any) -> None:
    db.document("users/u1").set({"x": 1})
    db.document("users/u1/conversations/c1").set({"x": 1})
    db.document("users/u1/conversations/c1/segments/1").set({"x": 1})
    db.document("users/u11").set({"x": 1})
    assert db.recursive_delete(db.document("users/u1")) == 3
    assert [d.id for d in db.collection("users").list_documents()] == ["u11"]


def test_bulk_writer_reports_each_write(db: Any) -> None:
    writer = db.bulk_writer()
    for number in range(50):
        writer.set(db.document(f"bulk/{number}"), {"n": number})
    writer.close()
    assert db.collection("bulk").count().get()[0][0].value == 50
