"""The index ends at what a memory or an action item says, whatever happens in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from common.action_items.edit import add_action_item
from common.action_items.index import index_action_item
from common.action_items.search import search_action_items
from common.core.errors import LeaseHeldError, LeaseLostError, UnreadableError
from common.database import action_items, index_leases, memories, vectors
from common.database.clients import firestore_client, pinecone_index
from common.database.vectors import Namespace
from common.memories import edit
from common.memories.index import index_memory
from common.memories.search import search_memories
from tests.support.making import at
from tests.support.providers import WordEmbedder


@dataclass(frozen=True)
class Kind:
    """What can be done with one kind of document, by its id."""

    namespace: Namespace
    collection: str
    add: Callable[[str, str], str]
    index: Callable[[str, str], None]
    found: Callable[[str, str], list[str]]

    def write(self, uid: str, document_id: str, **fields: Any) -> None:
        firestore_client().document("users", uid, self.collection, document_id).update(fields)

    def delete(self, uid: str, document_id: str) -> None:
        firestore_client().document("users", uid, self.collection, document_id).delete()

    def stored(self, uid: str, document_id: str) -> list[float] | None:
        vector_id = vectors.vector_id(uid=uid, document_id=document_id)
        found = pinecone_index().fetch(ids=[vector_id], namespace=self.namespace.value).vectors.get(vector_id)
        return list(found.values) if found else None

    def lease(self, uid: str, document_id: str) -> Any:
        return index_leases._reference(uid, f"{self.namespace.value}:{document_id}")

    @property
    def text(self) -> str:
        return "content" if self.collection == memories.COLLECTION else "description"


KINDS = [
    Kind(
        namespace=Namespace.MEMORIES,
        collection=memories.COLLECTION,
        add=lambda uid, text: edit.add_memory(uid=uid, content=text, manual=True).id,
        index=lambda uid, memory_id: index_memory(uid=uid, memory_id=memory_id),
        found=lambda uid, query: [hit.memory.id for hit in search_memories(query, uid=uid, limit=10)],
    ),
    Kind(
        namespace=Namespace.ACTION_ITEMS,
        collection=action_items.COLLECTION,
        add=lambda uid, text: add_action_item(uid=uid, description=text).id,
        index=lambda uid, item_id: index_action_item(uid=uid, action_item_id=item_id),
        found=lambda uid, query: [item.id for item in search_action_items(query, uid=uid, limit=10)],
    ),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.collection)
pytestmark = pytest.mark.usefixtures("stores", "words")


def _embedded(text: str) -> Any:
    [values] = WordEmbedder().embed([text], purpose="document")
    return pytest.approx(values, abs=1e-6)


@every_kind
def test_what_is_indexed_is_found_the_nearest_first(kind: Kind, uid: str) -> None:
    far, near = kind.add(uid, "red cars"), kind.add(uid, "red apples")
    for document_id in (far, near):
        kind.index(uid, document_id)
    assert kind.found(uid, "red apples") == [near, far]
    assert kind.found(f"{uid}-other", "red apples") == []


@every_kind
def test_indexing_again_asks_no_model(kind: Kind, uid: str, words: WordEmbedder) -> None:
    document_id = kind.add(uid, "red apples")
    kind.index(uid, document_id)
    calls = words.calls
    kind.write(uid, document_id, updated_at=at(9))
    kind.index(uid, document_id)
    assert words.calls == calls


@every_kind
def test_a_change_during_indexing_is_caught_up_with(kind: Kind, uid: str, words: WordEmbedder) -> None:
    document_id = kind.add(uid, "red apples")

    def change_once() -> None:
        words.before = None
        kind.write(uid, document_id, **{kind.text: "green pears"})

    words.before = change_once
    kind.index(uid, document_id)
    assert kind.stored(uid, document_id) == _embedded("green pears")


@every_kind
def test_a_deletion_leaves_neither_a_vector_nor_a_lease(kind: Kind, uid: str) -> None:
    document_id = kind.add(uid, "red apples")
    kind.index(uid, document_id)
    assert kind.lease(uid, document_id).get().exists
    kind.delete(uid, document_id)
    assert kind.found(uid, "red apples") == []
    for _ in range(2):
        kind.index(uid, document_id)
        assert kind.stored(uid, document_id) is None
        assert not kind.lease(uid, document_id).get().exists


@every_kind
def test_a_deletion_during_indexing_leaves_nothing(kind: Kind, uid: str, words: WordEmbedder) -> None:
    document_id = kind.add(uid, "red apples")

    def delete_once() -> None:
        words.before = None
        kind.delete(uid, document_id)

    words.before = delete_once
    kind.index(uid, document_id)
    assert kind.stored(uid, document_id) is None
    assert not kind.lease(uid, document_id).get().exists


@every_kind
def test_what_was_deleted_and_made_again_is_found(kind: Kind, uid: str) -> None:
    first = kind.add(uid, "red apples")
    kind.index(uid, first)
    kind.delete(uid, first)
    again = kind.add(uid, "red apples")
    assert again == first
    for _ in range(2):
        kind.index(uid, again)
    assert kind.found(uid, "red apples") == [again]


@every_kind
def test_what_is_locked_is_taken_out_and_put_back(kind: Kind, uid: str) -> None:
    document_id = kind.add(uid, "red apples")
    kind.index(uid, document_id)
    kind.write(uid, document_id, is_locked=True)
    assert kind.found(uid, "red apples") == []
    kind.index(uid, document_id)
    assert kind.stored(uid, document_id) is None
    kind.write(uid, document_id, is_locked=False)
    kind.index(uid, document_id)
    assert kind.found(uid, "red apples") == [document_id]


@every_kind
def test_a_second_worker_is_told_to_come_again(kind: Kind, uid: str) -> None:
    document_id = kind.add(uid, "red apples")
    subject = f"{kind.namespace.value}:{document_id}"
    lease = index_leases.acquire(uid=uid, subject=subject, lease_seconds=120)
    with pytest.raises(LeaseHeldError):
        kind.index(uid, document_id)
    index_leases.release(lease)
    kind.index(uid, document_id)
    assert kind.stored(uid, document_id) is not None


@every_kind
def test_a_worker_that_was_overtaken_is_made_good(kind: Kind, uid: str, words: WordEmbedder) -> None:
    document_id = kind.add(uid, "red apples")

    def be_overtaken() -> None:
        """The lease runs out; somebody else indexes a newer state and is done."""
        words.before = None
        kind.lease(uid, document_id).update({"leased_at": at(-86_400)})
        kind.write(uid, document_id, **{kind.text: "green pears"})
        kind.index(uid, document_id)

    words.before = be_overtaken
    with pytest.raises(LeaseLostError):
        kind.index(uid, document_id)
    kind.index(uid, document_id)  # the redelivery that the error brings
    assert kind.stored(uid, document_id) == _embedded("green pears")


def test_documents_of_two_kinds_with_one_id_have_a_lease_and_a_vector_each(uid: str) -> None:
    memory_id = edit.add_memory(uid=uid, content="red apples", manual=True).id
    item = add_action_item(uid=uid, description="green pears")
    action_items.of(uid=uid).put(item.model_copy(update={"id": memory_id}))
    lease = index_leases.acquire(uid=uid, subject=memory_id, lease_seconds=120)  # as of a conversation
    index_memory(uid=uid, memory_id=memory_id)
    index_action_item(uid=uid, action_item_id=memory_id)
    index_leases.release(lease)
    memories.delete([memories.of(uid=uid).get(memory_id)], uid=uid)
    index_memory(uid=uid, memory_id=memory_id)
    assert [item.id for item in search_action_items("green pears", uid=uid, limit=10)] == [memory_id]


def test_what_a_memory_was_stays_while_the_memory_cannot_be_read(uid: str) -> None:
    memory = edit.add_memory(uid=uid, content="Lives in Lisbon", manual=True)
    edit.edit_memory(uid=uid, memory_id=memory.id, content="Lives in Porto")
    memories.of(uid=uid).reference(memory.id).update({"created_at": "when?"})
    with pytest.raises(UnreadableError):
        index_memory(uid=uid, memory_id=memory.id)
    assert [former.content for former in edit.list_former(uid=uid, limit=5)] == ["Lives in Lisbon"]


def test_memories_from_before_they_were_counted_are_deleted_with_all(uid: str) -> None:
    memory = edit.add_memory(uid=uid, content="Lives in Lisbon", manual=True)
    older = {name: value for name, value in memory.to_firestore().items() if name != "revision"}
    memories.of(uid=uid).reference(memory.id).set(older)
    assert edit.delete_all_memories(uid=uid) == 1
