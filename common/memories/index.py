"""What follows a memory: the index, which holds its content unless it is gone, rejected or locked, and the personas."""

from common.database import memories, tasks
from common.database.vectors import Namespace
from common.indexing.texts import follow_text
from common.models.events import RefreshPersona
from common.models.memory import Memory


def index_memory(*, uid: str, memory_id: str) -> None:
    """Bring the vector of a memory up to date; of one that is gone nothing is left at all, nor do personas tell it on.

    Raises:
        LeaseHeldError: another worker is at it; come again.
    """
    store = memories.of(uid=uid)
    follow_text(
        memory_id,
        uid=uid,
        store=store,
        namespace=Namespace.MEMORIES,
        text=lambda memory: memory.content if findable(memory) else None,
        created_at=lambda memory: memory.created_at,
    )
    left = store.reference(memory_id).get(["created_at", "updated_at"]).to_dict()
    if left is None:  # one that cannot be read now keeps what it was
        memories.delete_history(uid=uid, memory_id=memory_id)
    is_new = left is not None and left.get("updated_at") == left.get("created_at")
    tasks.schedule_persona(RefreshPersona(uid=uid), soon=not is_new)


def findable(memory: Memory) -> bool:
    """Whether a search may find it."""
    return not (memory.rejected or memory.deleted or memory.is_locked)
