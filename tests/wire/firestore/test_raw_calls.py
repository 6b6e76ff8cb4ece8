"""Calls the Python client has no method for, made through its generated layer."""

import queue
from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.firestore_v1.types import CommitRequest, TargetChange, Write


@pytest.fixture
def api(db: Any) -> Any:
    return db._firestore_api


def root(db: Any) -> str:
    return f"{db._database_string}/documents"


def number(value: int) -> dict[str, Any]:
    return {"integer_value": value}


class Stream:
    """A Listen stream that is fed by hand."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self._requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._responses: Any = None

    def add(self, target_id: int, **target: Any) -> None:
        self._requests.put({"database": self._db._database_string, "add_target": {"target_id": target_id, **target}})

    def remove(self, target_id: int) -> None:
        self._requests.put({"database": self._db._database_string, "remove_target": target_id})

    def until_current(self, target_id: int) -> tuple[list[str], bytes]:
        """What is said until a target is up to date, and the token to resume from there."""
        events: list[str] = []
        token, current = b"", False
        if self._responses is None:  # opening waits for the first answer, so it needs a request
            requests = iter(self._requests.get, None)
            self._responses = self._db._firestore_api.listen(
                requests, metadata=self._db._rpc_metadata, timeout=20, retry=None
            )
        for response in self._responses:
            kind = response._pb.WhichOneof("response_type")
            if kind == "target_change":
                change = response.target_change
                token = change.resume_token or token
                current = current or (
                    change.target_change_type == TargetChange.TargetChangeType.CURRENT
                    and target_id in change.target_ids
                )
                is_consistent = change.target_change_type == TargetChange.TargetChangeType.NO_CHANGE
                if current and is_consistent and not change.target_ids and change.read_time:
                    return events, token
                if change.target_change_type in {
                    TargetChange.TargetChangeType.REMOVE,
                    TargetChange.TargetChangeType.RESET,
                }:
                    events.append(change.target_change_type.name)
                if change.target_change_type == TargetChange.TargetChangeType.REMOVE:
                    return events, token
            elif kind == "document_change":
                events.append("+" + response.document_change.document.name.rpartition("/")[2])
            elif kind in {"document_delete", "document_remove"}:
                events.append("-" + getattr(response, kind).document.rpartition("/")[2])
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self._requests.put(None)


@pytest.fixture
def stream(db: Any) -> Iterator[Stream]:
    stream = Stream(db)
    yield stream
    stream.close()


def items(db: Any) -> dict[str, Any]:
    return {"query": {"parent": root(db), "structured_query": {"from_": [{"collection_id": "items"}]}}}


def test_several_targets_share_a_stream(db: Any, stream: Stream) -> None:
    db.document("items/a").set({"n": 1})
    stream.add(2, **items(db))
    assert stream.until_current(2)[0] == ["+a"]
    stream.add(4, documents={"documents": [f"{root(db)}/items/a", f"{root(db)}/items/none"]})
    assert sorted(stream.until_current(4)[0]) == ["+a", "-none"]
    stream.remove(2)
    assert stream.until_current(2)[0] == ["REMOVE"]


def test_a_resumed_listener_is_told_only_what_happened_since(
    db: Any, stream: Stream, ours: Any, firestore_backend: Any
) -> None:
    if firestore_backend != ours:
        pytest.skip("the emulator ignores resume tokens")
    for name in ("kept", "changed", "deleted"):
        db.document(f"items/{name}").set({"n": 1})
    stream.add(2, **items(db))
    events, token = stream.until_current(2)
    assert sorted(events) == ["+changed", "+deleted", "+kept"]
    db.document("items/changed").update({"n": 2})
    db.document("items/deleted").delete()
    db.document("items/new").set({"n": 1})
    resumed = Stream(db)
    resumed.add(2, **items(db), resume_token=token)
    events, _ = resumed.until_current(2)
    assert sorted(events) == ["+changed", "+new", "-deleted"]
    resumed.add(4, **items(db), resume_token=b"1")
    events, _ = resumed.until_current(4)
    assert sorted(events) == ["+changed", "+kept", "+new", "RESET"]
    resumed.close()


def test_batch_write_reports_each_write(db: Any, api: Any) -> None:
    writes = [
        {"update": {"name": f"{root(db)}/a/1", "fields": {"n": number(1)}}},
        {"update": {"name": f"{root(db)}/a/2", "fields": {}}, "current_document": {"exists": True}},
        {"delete": f"{root(db)}/a/3"},
    ]
    response = api.batch_write({"database": db._database_string, "writes": writes}, metadata=db._rpc_metadata)
    assert [status.code for status in response.status] == [0, 5, 0]
    assert db.document("a/1").get().exists
    with pytest.raises(exceptions.InvalidArgument):
        api.batch_write({"database": db._database_string, "writes": [writes[0], writes[0]]}, metadata=db._rpc_metadata)


def test_single_document_calls(db: Any, api: Any) -> None:
    made = api.create_document(
        {"parent": root(db), "collection_id": "a", "document_id": "x", "document": {"fields": {"n": number(1)}}}
    )
    assert made.name == f"{root(db)}/a/x"
    named = api.create_document({"parent": root(db), "collection_id": "a", "document": {}})
    assert len(named.name.rpartition("/")[2]) == 20
    updated = api.update_document(
        {"document": {"name": made.name, "fields": {"m": number(2)}}, "update_mask": {"field_paths": ["m"]}}
    )
    assert set(updated.fields) == {"n", "m"}
    assert set(api.get_document({"name": made.name, "mask": {"field_paths": ["m"]}}).fields) == {"m"}
    api.delete_document({"name": made.name})
    with pytest.raises(exceptions.NotFound):
        api.get_document({"name": made.name})


def test_the_write_stream_commits_in_order(db: Any, api: Any) -> None:
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    requests.put({"database": db._database_string})
    responses = api.write(iter(requests.get, None), timeout=20, retry=None, metadata=db._rpc_metadata)
    opened = next(responses)
    assert opened.stream_id
    for value in (1, 2):
        write = {"update": {"name": f"{root(db)}/a/x", "fields": {"n": number(value)}}}
        requests.put({"stream_token": opened.stream_token, "writes": [write]})
        opened = next(responses)
        assert len(opened.write_results) == 1
    requests.put(None)
    assert db.document("a/x").get().get("n") == 2


def test_documents_are_listed_page_by_page(db: Any, api: Any) -> None:
    for name in ("a", "b", "__id2__", "__id10__"):
        db.document(f"things/{name}").set({"n": 1})
    request: dict[str, Any] = {"parent": root(db), "collection_id": "things", "page_size": 3}
    page = next(iter(api.list_documents(request).pages))
    assert [document.name.rpartition("/")[2] for document in page.documents] == ["__id2__", "__id10__", "a"]
    rest = api.list_documents({**request, "page_token": page.next_page_token})
    assert [document.name.rpartition("/")[2] for document in rest] == ["b"]


@pytest.mark.parametrize(
    "name", ["nonsense", "projects/p/databases/d/documents/a", "projects/p/databases/d/documents/a//b"]
)
def test_names_of_no_document_are_refused(api: Any, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        api.get_document({"name": name})


def test_verify_checks_a_document_without_writing_it(db: Any, api: Any) -> None:
    seen = db.document("a/x").set({"n": 1}).update_time
    # The published messages lack `verify`; Firebase's clients send it as field 5.
    verify = f"{root(db)}/a/x".encode()
    write = Write.pb(Write(current_document={"update_time": seen}))
    write.MergeFromString(bytes([5 << 3 | 2, len(verify)]) + verify)
    request = CommitRequest.pb(CommitRequest(database=db._database_string))
    request.writes.append(write)
    request.writes.add(update={"name": f"{root(db)}/a/y"})
    api.commit(CommitRequest.wrap(request))
    assert db.document("a/y").get().exists
    db.document("a/x").update({"n": 2})
    request.writes[1].update.name = f"{root(db)}/a/z"
    with pytest.raises((exceptions.FailedPrecondition, exceptions.Aborted)):
        api.commit(CommitRequest.wrap(request))
    assert not db.document("a/z").get().exists


def test_a_transaction_of_another_time_is_refused(db: Any, api: Any) -> None:
    options = {"read_only": {"read_time": "1999-01-01T00:00:00Z"}}

    def read() -> None:
        begun = api.begin_transaction({"database": db._database_string, "options": options})
        api.get_document({"name": f"{root(db)}/a/x", "transaction": begun.transaction})

    with pytest.raises((exceptions.FailedPrecondition, exceptions.InvalidArgument)):
        read()
