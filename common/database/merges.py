"""Several conversations changed at once: to be merged, put back, or replaced by what they have become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.errors import NotFoundError
from common.database import conversations, tombstones, transcript_cache, transcripts
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.database.sealing import protected
from common.database.shares import shares
from common.database.snapshots import fields_of
from common.models.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from google.cloud.firestore import DocumentSnapshot, Transaction


def change_all(
    conversation_ids: Sequence[str],
    *,
    uid: str,
    decide: Callable[[Conversation], Conversation | None],
    missing_ok: bool = False,
) -> list[Conversation]:
    """Apply a pure decision to several conversations in one transaction; their transcripts stay as they are.

    Args:
        conversation_ids: which.
        uid: the owner.
        decide: see `conversations.change`; gets long transcripts empty, and must leave every transcript alone.
        missing_ok: whether those that do not exist are passed over.

    Returns:
        Those that were changed, as they are afterwards.

    Raises:
        NotFoundError: one of them does not exist.
    """

    @transactional
    def apply(transaction: Transaction) -> list[Conversation]:
        changed = []
        for before in _read(transaction, conversation_ids, uid=uid, missing_ok=missing_ok):
            after = decide(before)
            if after is None:
                continue
            after = after.model_copy(update={"updated_at": clock.now()})
            old = before.to_firestore()
            fields = {name: value for name, value in after.to_firestore().items() if value != old.get(name)}
            target = conversations.reference(uid=uid, conversation_id=after.id)
            transaction.update(target, protected(fields, target.path))
            changed.append(after)
        return changed

    everything: list[Conversation] = apply(firestore_client().transaction())
    return everything


def replace(sources: Sequence[Conversation], *, by: Conversation, uid: str) -> bool:
    """Delete `sources`, with tombstones, and create what they have become, in one transaction.

    Returns:
        False, with nothing done, where one of them is not as it was when it was read.
    """

    @transactional
    def apply(transaction: Transaction) -> bool:
        current = _read(transaction, [source.id for source in sources], uid=uid, missing_ok=True)
        if {each.id: _state(each) for each in current} != {each.id: _state(each) for each in sources}:
            return False
        shared = {snapshot.id for snapshot in _shared(transaction, sources) if snapshot.get("uid") == uid}
        conversations.write_new(by, uid=uid, to=transaction)
        for source in sources:
            transaction.delete(conversations.reference(uid=uid, conversation_id=source.id))
            grave = tombstones.carve(source.id, cascade=False, merged_into=by.id)
            transaction.set(tombstones.of(uid=uid).reference(source.id), grave.to_firestore())
            if source.id in shared:
                transaction.delete(shares().reference(source.id))
        return True

    replaced: bool = apply(firestore_client().transaction())
    if replaced:
        for source in sources:
            transcript_cache.forget(source.transcript_revision, uid=uid, conversation_id=source.id)
    return replaced


def _state(conversation: Conversation) -> tuple[Any, ...]:
    return conversation.status, conversation.merging, conversation.updated_at


def _shared(transaction: Transaction, sources: Sequence[Conversation]) -> list[DocumentSnapshot[Any]]:
    references = [shares().reference(source.id) for source in sources]
    return [snapshot for snapshot in transaction.get_all(references) if snapshot.exists]


def _read(
    transaction: Transaction, conversation_ids: Sequence[str], *, uid: str, missing_ok: bool
) -> list[Conversation]:
    references = [conversations.reference(uid=uid, conversation_id=each) for each in conversation_ids]
    found = {
        snapshot.id: transcripts.decode(fields_of(snapshot))
        for snapshot in transaction.get_all(references)
        if snapshot.exists
    }
    if len(found) < len(references) and not missing_ok:
        raise NotFoundError("Conversation not found")
    return [found[each] for each in conversation_ids if each in found]
