"""Collections `users/{uid}/memories` and, below each, `history`: what is known of a user, and what it was before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ConflictError, NotFoundError
from common.core.ids import is_document_id
from common.database.bound_writes import Change
from common.database.clients import firestore_client
from common.database.derived import Ensured, ensure_many
from common.database.documents import WRITE_LIMIT, Documents
from common.database.firestore import DESCENDING, field_filter
from common.database.pages import read_page
from common.models.memory import Memory, MemoryCategory, memory_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from google.cloud.firestore import DocumentReference

COLLECTION = "memories"
HISTORY = "history"
_MOST_GENERATIONS = 100
FORMER_STATES = 20
"""Kept of each memory; the oldest gives way."""


def of(*, uid: str) -> Documents[Memory]:
    """A user's memories."""
    return Documents("users", uid, COLLECTION, model=Memory, noun="Memory", triggers=True)


def list_best(
    *, uid: str, limit: int, offset: int = 0, categories: Iterable[MemoryCategory] | None = None
) -> list[Memory]:
    """What the user said first, then what is interesting, then the rest, each the newest first; none rejected.

    Args:
        uid: the owner.
        limit: memories at most.
        offset: memories before the page.
        categories: only these and what became them; None for all.
    """
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("rejected", "==", value=False))
    wanted = None if categories is None else sorted({old for each in categories for old in each.matching})
    if wanted == []:
        return []
    if wanted is not None:
        query = query.where(filter=field_filter("category", "in", [category.value for category in wanted]))
    query = query.order_by("scoring", direction=DESCENDING).order_by("created_at", direction=DESCENDING)
    named = f"memories:{uid}:{','.join(wanted) if wanted is not None else '*'}"
    return store.decoded(read_page(query, within=store.collection, limit=limit, offset=offset, of=named))


def list_of_conversation(conversation_id: str, *, uid: str) -> list[Memory]:
    """What was learned from a conversation; WRITE_LIMIT at most."""
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("conversation_id", "==", conversation_id))
    return store.stream(query.limit(WRITE_LIMIT))


def list_newest(*, uid: str, limit: int) -> list[Memory]:
    """What was learned last, whatever became of it."""
    store = of(uid=uid)
    return store.stream(store.collection.order_by("created_at", direction=DESCENDING).limit(limit))


def list_rejected(*, uid: str, limit: int) -> list[Memory]:
    """What the user has said is not true, the newest first."""
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("rejected", "==", value=True))
    query = query.order_by("scoring", direction=DESCENDING).order_by("created_at", direction=DESCENDING)
    return store.stream(query.limit(limit))


def replacing(before: Memory, after: Memory, *, uid: str) -> list[Change]:
    """What has to be written for a memory to say something else, with what it said kept beside."""
    kept = before.former(ended_at=clock.now())
    beside = Change(_history(uid=uid, memory_id=before.id), None, kept, _slot(before.revision), unseen=True)
    return [Change(of(uid=uid), before, after.but(revision=before.revision + 1)), beside]


def restoring(before: Memory, former: Memory, *, uid: str) -> list[Change]:
    """What has to be written for a memory to be what it was before its last change, as if that had never been."""
    again = former.but(id=before.id, superseded_by=None, invalid_at=None, updated_at=clock.now())
    beside = Change(_history(uid=uid, memory_id=before.id), former, None, _slot(former.revision), unseen=True)
    return [Change(of(uid=uid), before, again), beside]


def give_back(memory: Memory, *, uid: str) -> bool:
    """Let a memory be what it was before its conversation changed it; False where it was nothing then."""
    states = list_states(memory, uid=uid)
    earlier = [state for state in states if state.conversation_id != memory.conversation_id]
    if not earlier:
        return False
    former = max(earlier, key=lambda state: state.revision)
    level = memory.data_protection_level
    again = former.but(
        id=memory.id, superseded_by=None, invalid_at=None, updated_at=clock.now(), data_protection_level=level
    )
    with suppress(NotFoundError):  # deleted just now
        of(uid=uid).change(memory.id, lambda now: again if now.conversation_id == memory.conversation_id else None)
    since = (_slot(state.revision) for state in states if state.revision >= former.revision)
    _history(uid=uid, memory_id=memory.id).delete_many(since)
    return True


def list_states(memory: Memory, *, uid: str) -> list[Memory]:
    """What one memory was before, as far as that is kept."""
    history = _history(uid=uid, memory_id=memory.id)
    return history.stream(history.collection.limit(FORMER_STATES)) if memory.revision else []


def find_last_former(memory: Memory, *, uid: str) -> Memory | None:
    """What a memory was before its last change."""
    return find_former(f"{memory.id}.{memory.revision - 1}", uid=uid) if memory.revision else None


def list_former(*, uid: str, limit: int, offset: int = 0) -> list[Memory]:
    """What memories were before they were changed, the latest change first."""
    query = (
        firestore_client()
        .collection_group(HISTORY)
        .where(filter=field_filter("uid", "==", uid))
        .order_by("invalid_at", direction=DESCENDING)
    )
    return of(uid=uid).decoded(query.offset(offset).limit(limit).stream())


def find_former(former_id: str, *, uid: str) -> Memory | None:
    """A former state by its id, unless it was so long ago that it is not kept any more."""
    owner, _, revision = former_id.rpartition(".")
    if not is_document_id(owner) or not (revision.isascii() and revision.isdigit()) or len(revision) > 9:  # noqa: PLR2004 - digits of any real one
        return None
    found = _history(uid=uid, memory_id=owner).find(_slot(int(revision)))
    return found if found is not None and found.id == former_id else None


def ensure(wanted: Sequence[Memory], *, uid: str) -> list[Ensured[Memory]]:
    """Store memories that say something new; what is said already, or was rejected, stays as it is."""

    def in_generation(memory: Memory) -> Callable[[int], Memory]:
        return lambda generation: memory.model_copy(
            update={"id": memory_id(uid=uid, content=memory.content, generation=generation)}
        )

    return ensure_many(
        of(uid=uid),
        [in_generation(memory) for memory in wanted],
        stands_for=lambda there, new: there.content == new.content,
    )


def find_place(memory: Memory, *, uid: str) -> Memory | None:
    """A memory that is not stored yet, with an id that is free; None where something stored says it already."""
    store = of(uid=uid)
    for generation in range(_MOST_GENERATIONS):
        named = memory.model_copy(update={"id": memory_id(uid=uid, content=memory.content, generation=generation)})
        there = store.find(named.id)
        if there is None:
            return named
        if there.content == memory.content:
            return None
    raise ConflictError("Too many memories began with the same words")


def change(*, uid: str, memory_id: str, decide: Callable[[Memory], Memory | None]) -> Memory:
    """Apply a pure decision (see `Documents.change`); what was said before is kept beside.

    Raises:
        NotFoundError: there is none.
    """

    def counted(before: Memory) -> Memory | None:
        after = decide(before)
        if after is None or not _says_something_else(before, after):
            return after
        return after.but(revision=before.revision + 1)

    def beside(before: Memory, after: Memory) -> dict[str, Memory]:
        if before.revision == after.revision:
            return {}
        place = _place(uid=uid, memory_id=memory_id, revision=before.revision)
        return {place: before.former(ended_at=clock.now())}

    return of(uid=uid).change(memory_id, counted, beside=beside)


def delete(memories: Sequence[Memory], *, uid: str) -> None:
    """Delete memories with everything they ever said; those that do not exist are fine."""
    _delete({memory.id: memory.revision for memory in memories}, uid=uid)


def delete_all(*, uid: str) -> int:
    """Delete every memory of a user; how many there were."""
    deleted = 0
    while found := list(of(uid=uid).collection.select(["revision"]).limit(WRITE_LIMIT).stream()):
        _delete({snapshot.id: (snapshot.to_dict() or {}).get("revision") or 0 for snapshot in found}, uid=uid)
        deleted += len(found)
    return deleted


def delete_history(*, uid: str, memory_id: str) -> None:
    """Delete what is left below a memory that is gone."""
    history = _history(uid=uid, memory_id=memory_id)
    history.delete_many(_slot(revision) for revision in range(FORMER_STATES))


def _says_something_else(before: Memory, after: Memory) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in ("content", "category", "tags", "visibility"))


def _history(*, uid: str, memory_id: str) -> Documents[Memory]:
    return Documents("users", uid, COLLECTION, memory_id, HISTORY, model=Memory, noun="Former state")


def _slot(revision: int) -> str:
    """Former states go round in a ring, so that writing one also forgets the oldest."""
    return f"{revision % FORMER_STATES:02d}"


def _place(*, uid: str, memory_id: str, revision: int) -> str:
    return f"users/{uid}/{COLLECTION}/{memory_id}/{HISTORY}/{_slot(revision)}"


def _delete(revisions: dict[str, int], *, uid: str) -> None:
    client = firestore_client()
    references = [each for known in revisions.items() for each in _references(*known, uid=uid)]
    for at in range(0, len(references), WRITE_LIMIT):
        batch = client.batch()
        for reference in references[at : at + WRITE_LIMIT]:
            batch.delete(reference)
        batch.commit()


def _references(memory_id: str, revision: int, *, uid: str) -> list[DocumentReference]:
    history = _history(uid=uid, memory_id=memory_id)
    slots = [history.reference(_slot(number)) for number in range(min(revision, FORMER_STATES))]
    return [*slots, of(uid=uid).reference(memory_id)]
