"""What a user, or a program for the user, does with memories: add, list, read, edit, review, revert, delete."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from common.core import clock
from common.core.errors import LockedError, NotFoundError
from common.database import forgotten, memories
from common.memories import forgetting
from common.memories.categorise import categorise
from common.models.memory import Memory, MemoryCategory, Visibility

SHOWN_OF_LOCKED = 70
"""Characters of a locked memory that are shown."""


@dataclass(frozen=True)
class NewMemory:
    """A fact to remember. Without a category it gets the one its words speak for."""

    content: str
    category: MemoryCategory | None = None
    visibility: Visibility = "private"
    tags: Sequence[str] = ()
    conversation_id: str | None = None
    is_locked: bool = False


def add_memory(
    *,
    uid: str,
    content: str,
    category: MemoryCategory | None = None,
    visibility: Visibility = "private",
    tags: Sequence[str] = (),
    manual: bool,
    app_id: str | None = None,
) -> Memory:
    """Remember a fact; one that is known already is found again, as it is.

    Args:
        uid: whose.
        content: the fact.
        category: of what kind; None for what its words speak for.
        visibility: who may see it.
        tags: the user's own.
        manual: whether the user said so, which needs no review and undoes a rejection.
        app_id: the app that told it.
    """
    new = NewMemory(content=content, category=category, visibility=visibility, tags=tags)
    [memory] = add_memories([new], uid=uid, manual=manual, app_id=app_id)
    return memory


def add_memories(new: Sequence[NewMemory], *, uid: str, manual: bool, app_id: str | None = None) -> list[Memory]:
    """The same for many, in their order."""
    now = clock.now()
    wanted = [
        Memory(
            id="",
            uid=uid,
            content=each.content,
            category=each.category or categorise(each.content),
            visibility=each.visibility,
            tags=list(each.tags),
            created_at=now,
            updated_at=now,
            conversation_id=each.conversation_id,
            memory_id=each.conversation_id,
            reviewed=manual,
            user_review=True if manual else None,
            manually_added=manual,
            is_locked=each.is_locked,
            app_id=app_id,
        )
        for each in new
    ]
    known = [ensured.document for ensured in memories.ensure(wanted, uid=uid)]
    if not manual:
        return known
    return [review_memory(uid=uid, memory_id=memory.id, value=True) if memory.rejected else memory for memory in known]


def list_memories(
    *, uid: str, limit: int, offset: int = 0, categories: Collection[MemoryCategory] | None = None
) -> list[Memory]:
    """What is known of the user and not rejected, best first; of what is locked only the beginning."""
    return [shown(memory) for memory in memories.list_best(uid=uid, limit=limit, offset=offset, categories=categories)]


def get_memory(*, uid: str, memory_id: str) -> Memory:
    """One memory.

    Raises:
        NotFoundError: no such memory.
        LockedError: it is locked.
    """
    return _unlocked(memories.of(uid=uid).get(memory_id))


def edit_memory(
    *,
    uid: str,
    memory_id: str,
    content: str | None = None,
    category: MemoryCategory | None = None,
    visibility: Visibility | None = None,
    tags: Sequence[str] | None = None,
) -> Memory:
    """Change what is given; what the memory said before can be had back.

    Raises:
        NotFoundError: no such memory.
        LockedError: it is locked.
    """
    fields = {
        "content": content,
        "category": category,
        "visibility": visibility,
        "tags": None if tags is None else list(tags),
    }
    given = {name: value for name, value in fields.items() if value is not None}

    def edit(memory: Memory) -> Memory | None:
        if all(getattr(memory, name) == value for name, value in given.items()):
            return None
        edited = memory.edited or given.get("content", memory.content) != memory.content
        return memory.but(**given, edited=edited, updated_at=clock.now())

    return _change(uid, memory_id, edit)


def review_memory(*, uid: str, memory_id: str, value: bool) -> Memory:
    """Say whether a memory is true; what is not is hidden and not learned again.

    Raises:
        NotFoundError: no such memory.
        LockedError: it is locked.
    """
    return _change(
        uid,
        memory_id,
        lambda memory: memory.but(reviewed=True, user_review=value, updated_at=clock.now()),
    )


def set_baseline(*, uid: str, memory_id: str, value: bool) -> Memory:
    """Say whether a memory belongs to what is always to be known.

    Raises:
        NotFoundError: no such memory.
        LockedError: it is locked.
    """
    return _change(uid, memory_id, lambda memory: memory.but(is_baseline=value, updated_at=clock.now()))


def list_former(*, uid: str, limit: int, offset: int = 0) -> list[Memory]:
    """What memories said before they were changed, the latest change first."""
    return [shown(memory) for memory in memories.list_former(uid=uid, limit=limit, offset=offset)]


def revert_memory(*, uid: str, memory_id: str, operation_id: str) -> Memory:
    """Let a memory say again what it said before; that it said something else is kept, too.

    Args:
        uid: the owner.
        memory_id: a former state, by the id it has in the list of them; or the memory itself.
        operation_id: the former state, where `memory_id` is the memory itself; else the client's own, and ignored:
            reverting to what is already the case changes nothing.

    Raises:
        NotFoundError: no such memory, or no such former state of it.
        LockedError: it is locked.
    """
    former = memories.find_former(memory_id, uid=uid) or memories.find_former(operation_id, uid=uid)
    if former is None or former.superseded_by is None or memory_id not in {former.id, former.superseded_by}:
        raise NotFoundError("Former state not found")
    return edit_memory(
        uid=uid,
        memory_id=former.superseded_by,
        content=former.content,
        category=former.category,
        visibility=former.visibility,
        tags=former.tags,
    )


def delete_memory(*, uid: str, memory_id: str) -> None:
    """Forget a memory and everything it ever said.

    Raises:
        NotFoundError: no such memory.
    """
    memory = memories.of(uid=uid).get(memory_id)
    forgetting.note_deleted([memory], uid=uid)
    memories.delete([memory], uid=uid)


def delete_memories(*, uid: str, memory_ids: Sequence[str]) -> list[str]:
    """Forget those of `memory_ids` that exist; which these were."""
    found = memories.of(uid=uid).find_many(list(dict.fromkeys(memory_ids)))
    forgetting.note_deleted(found, uid=uid)
    memories.delete(found, uid=uid)
    return [memory.id for memory in found]


def delete_all_memories(*, uid: str) -> int:
    """Forget everything; how much it was."""
    forgotten.put_everything(uid=uid)
    return memories.delete_all(uid=uid)


def shown(memory: Memory) -> Memory:
    """As a list shows it: of a locked one only the beginning."""
    if not memory.is_locked or len(memory.content) <= SHOWN_OF_LOCKED:
        return memory
    return memory.model_copy(update={"content": f"{memory.content[:SHOWN_OF_LOCKED]}…"})


def _change(uid: str, memory_id: str, decide: Callable[[Memory], Memory | None]) -> Memory:
    def touch(memory: Memory) -> Memory | None:
        after = decide(_unlocked(memory))
        return None if after is None else after.model_copy(update={"touched": True})

    return memories.change(uid=uid, memory_id=memory_id, decide=touch)


def _unlocked(memory: Memory) -> Memory:
    if memory.is_locked:
        raise LockedError("This memory was made without credit")
    return memory
