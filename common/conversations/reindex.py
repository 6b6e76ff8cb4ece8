"""All that a user's search finds, brought up to date at once: after another embedder, another form, or a lost index."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from common.action_items.index import index_action_item
from common.conversations.index import index_conversation
from common.core.errors import LeaseHeldError, UnreadableError
from common.database import action_items, conversations, index_leases, memories
from common.database.document_ids import ids_in
from common.database.vectors import Namespace
from common.indexing.texts import subject_of
from common.memories.index import index_memory


@dataclass(frozen=True)
class Reindexed:
    """How many documents were looked at; of them, how many somebody else was at, which are to be asked for again.

    Of those that are `unreadable`, by a key or a version that is not known here, the index stays as it is.
    """

    documents: int
    busy: int
    unreadable: int


def reindex(*, uid: str, anew: bool = False) -> Reindexed:
    """Bring the vectors of everything a user has up to date; what is so already costs a few reads.

    Args:
        uid: the owner.
        anew: write everything again, whatever is noted about the index: it has lost what it held.

    Raises:
        ProviderError: what was to be written could not be embedded; what was done until then need not be done again.
    """
    busy = documents = unreadable = 0
    for subject, bring in _everything(uid):
        documents += 1
        try:
            if anew:
                index_leases.doubt(uid=uid, subject=subject)
            bring()
        except LeaseHeldError:
            busy += 1
        except UnreadableError:
            unreadable += 1
    return Reindexed(documents, busy, unreadable)


def _everything(uid: str) -> list[tuple[str, Callable[[], None]]]:
    """The name of each document's lease, and what indexes it."""
    return [
        *(
            (each, partial(index_conversation, uid=uid, conversation_id=each))
            for each in ids_in(conversations.collection(uid=uid))
        ),
        *(
            (subject_of(Namespace.MEMORIES, each), partial(index_memory, uid=uid, memory_id=each))
            for each in ids_in(memories.of(uid=uid).collection)
        ),
        *(
            (subject_of(Namespace.ACTION_ITEMS, each), partial(index_action_item, uid=uid, action_item_id=each))
            for each in ids_in(action_items.of(uid=uid).collection)
        ),
    ]
