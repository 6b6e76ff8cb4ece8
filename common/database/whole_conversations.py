"""Conversations as they are read: long transcripts, which lie in chunks beside the document, are put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from common.core import room as rooms
from common.core.errors import ProviderRefusedError
from common.core.logs import get_logger
from common.database import transcript_cache, transcripts
from common.database.clients import firestore_client
from common.database.firestore import transactional
from common.database.sealing import LEVEL
from common.database.snapshots import fields_of
from common.models.data_key import ENHANCED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.cloud.firestore import CollectionReference, DocumentReference, DocumentSnapshot, Transaction

    from common.models.conversation import Conversation


_UNSAID: dict[str, Any] = {"transcript_segments": []}


class Room:
    """How much of what was said fits into one page: an instance serves many at once, and a segment takes 2 KB.

    Args:
        segments: of all conversations together, or as many as there are; whoever comes when it is full has none.
        of_each: the first of each conversation that are wanted, or all.
    """

    def __init__(self, segments: int | None = None, *, of_each: int | None = None) -> None:
        self.of_each = of_each
        self.left_out = False
        """Whether a conversation is without its words, or may be."""
        self._left = segments

    @property
    def is_left(self) -> bool:
        """Whether the next one has room."""
        return self._left is None or self._left > 0

    def take(self, segments: int) -> bool:
        """Use room for one conversation, the last one maybe more than there is; False where there was none."""
        if self._left is None:
            return True
        was_left = self._left > 0
        self._left -= segments if self.of_each is None else min(segments, self.of_each)
        return was_left

    def fit(self, conversation: Conversation) -> Conversation:
        """The conversation, without its words where there is no room left."""
        fits = self.take(len(conversation.transcript_segments))
        self.left_out |= not fits or bool(conversation.transcript_chunks and not conversation.transcript_segments)
        return self.cut(conversation) if fits else conversation.model_copy(update={"transcript_segments": []})

    def cut(self, conversation: Conversation) -> Conversation:
        """The conversation with no more than is wanted of each."""
        if self.of_each is None or len(conversation.transcript_segments) <= self.of_each:
            return conversation
        wanted = conversation.transcript_segments[: self.of_each]
        return conversation.model_copy(update={"transcript_segments": wanted})


def read(target: DocumentReference, *, uid: str) -> Conversation | None:
    """The conversation at a reference with its whole transcript, or None."""
    snapshot = target.get()
    fields = fields_of(snapshot) if snapshot.exists else {}
    if not fields.get("transcript_chunks"):
        return decode(snapshot)
    rooms.hold(fields["transcript_chunks"] * transcripts.CHUNK_SEGMENTS, of=target.id)
    noted = transcript_cache.recall(fields.get("transcript_revision"), uid=uid, conversation_id=target.id)
    if noted is not None:
        return transcripts.decode(fields, noted)

    @transactional
    def at_once(transaction: Transaction) -> tuple[dict[str, Any], list[bytes]] | None:
        again = target.get(transaction=transaction)
        if not again.exists:
            return None
        current = fields_of(again)
        return current, transcripts.read_chunks(target, current.get("transcript_chunks") or 0, transaction)

    # Document and chunks of one moment: they change together.
    whole: tuple[dict[str, Any], list[bytes]] | None = at_once(firestore_client().transaction(read_only=True))
    if whole is None:
        return None
    fields, chunks = whole
    if fields.get(LEVEL) != ENHANCED:  # a note is not sealed
        transcript_cache.remember(chunks, fields.get("transcript_revision"), uid=uid, conversation_id=target.id)
    return transcripts.decode(fields, chunks)


def complete(
    found: Sequence[Conversation], *, within: CollectionReference, uid: str, room: Room | None = None
) -> list[Conversation]:
    """See `conversations.with_transcripts`."""
    allowed = room or Room()
    for each in found:
        allowed.take(len(each.transcript_segments))
    long = {
        each.id: each
        for each in found
        if each.transcript_chunks
        and not each.transcript_segments
        and allowed.take(each.transcript_chunks * transcripts.CHUNK_SEGMENTS)
    }
    chunks = transcripts.read_chunks_of_many(
        {each.id: (within.document(each.id), each.transcript_chunks) for each in long.values()}
    )
    whole: list[Conversation] = []
    for conversation in found:
        if conversation.id not in long:
            whole.append(conversation)
            continue
        parts = chunks[conversation.id]
        if transcripts.revision(parts) == conversation.transcript_revision:
            segments = transcripts.unpack(parts)[: allowed.of_each]
            whole.append(conversation.model_copy(update={"transcript_segments": segments}))
        elif (again := read(within.document(conversation.id), uid=uid)) is not None:  # it changed meanwhile
            whole.append(allowed.cut(again))
    return whole


def decode(snapshot: DocumentSnapshot[Any], transaction: Transaction | None = None) -> Conversation | None:
    """The conversation that a snapshot and the chunks beside it hold; None if there is none."""
    if not snapshot.exists:
        return None
    fields = fields_of(snapshot)
    chunks = transcripts.read_chunks(snapshot.reference, fields.get("transcript_chunks") or 0, transaction)
    return transcripts.decode(fields, chunks)


def with_owner(
    snapshots: Iterable[DocumentSnapshot[Any]], *, room: Room | None = None
) -> Iterator[tuple[str, Conversation]]:
    """(uid, conversation) of those that can be read: one that cannot must not hide the others."""
    allowed = room or Room()
    for snapshot in snapshots:
        uid = snapshot.reference.parent.parent.id
        try:
            fields = fields_of(snapshot)
            conversation = allowed.cut(transcripts.decode(fields if allowed.is_left else {**fields, **_UNSAID}))
            allowed.left_out |= not allowed.is_left or bool(conversation.transcript_chunks)
            allowed.take(len(conversation.transcript_segments))
        except ValidationError as error:
            get_logger().error("conversation_unreadable", conversation_id=snapshot.id, problems=error.error_count())
            continue
        except ProviderRefusedError:
            get_logger().error("conversation_sealed", conversation_id=snapshot.id)
            continue
        yield uid, conversation
