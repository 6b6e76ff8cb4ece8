"""Collection `…/conversations/{id}/segments`: what was understood while the conversation was not yet compacted.

No trigger watches it. A batch says what was heard in a stretch of one session's audio; its id follows from that
stretch, so writing it again changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from common.database import conversations, refusals
from common.database.clients import firestore_client
from common.database.firestore import DESCENDING, field_filter, transactional
from common.database.sealing import protected
from common.database.snapshots import fields_of
from common.models.base import Document, Moment
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from google.cloud.firestore import CollectionReference, Transaction

_COLLECTION = "segments"
_BATCH_LIMIT = 400
_TOLD = "~"
"""Ends the names of sessions in which clients tell what was said: next to the audio of a session."""


class SegmentBatch(Document):
    """Segments and the audio they stand for, seconds since `started_at`; `given_up` where nobody could understand."""

    session_id: str
    start: float
    end: float
    segments: list[TranscriptSegment]
    heard_at: Moment
    given_up: str | None = None
    unheard: bool = False
    """Whether there are voices in it, and no word of them was understood."""
    told: int | None = None
    """Which of its session's batches this is where a client tells what was said instead of having us recognise it.

    Such a session is counted, not timed: what it says may overlap, and stands for no audio.
    """

    @property
    def id(self) -> str:
        """Sorts by time within a session."""
        return f"{self._name}-{round(self.start * 1000):010d}"

    @property
    def stretch(self) -> str:
        """Names the audio it stands for within its conversation."""
        return f"{self._name}:{round(self.start * 1000):010d}-{round(self.end * 1000):010d}"

    @property
    def interval(self) -> Interval:
        """What it stands for of its session: the audio, or the one batch."""
        if self.told is not None:
            return Interval(start=self.told, end=self.told + 1)
        return Interval(start=self.start, end=self.end)

    @property
    def captured_in(self) -> str:
        """The capture session whose clock it goes by."""
        return self.session_id.removesuffix(_TOLD)

    @property
    def _name(self) -> str:
        return self.session_id if self.told is None else f"{self.session_id}.{self.told}"


def told_in(session_id: str) -> str:
    """The session of what a client tells beside the audio of a session."""
    return session_id + _TOLD


def put(batch: SegmentBatch, *, uid: str, conversation_id: str) -> None:
    """Store a batch; the same stretch again replaces it."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    place = batches.document(batch.id)
    place.set(protected(batch.to_firestore(), place.path, whole=True))


def list_batches(*, uid: str, conversation_id: str) -> list[SegmentBatch]:
    """Every batch that is not compacted yet, by session and time."""
    return [batch for batch, _ in list_versions(uid=uid, conversation_id=conversation_id)]


def list_versions(*, uid: str, conversation_id: str) -> list[tuple[SegmentBatch, datetime]]:
    """The same, each with the store's mark of when it was written, which tells whether it has changed since."""
    found = _stored(uid=uid, conversation_id=conversation_id).stream()
    return [(SegmentBatch.model_validate(fields_of(snapshot)), snapshot.update_time) for snapshot in found]


def list_heard_since(moment: datetime, *, uid: str, conversation_id: str) -> list[SegmentBatch]:
    """Those of audio that arrived at a moment, or after it; the others are not read."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    found = batches.where(filter=field_filter("heard_at", ">=", moment)).stream()
    return [SegmentBatch.model_validate(fields_of(snapshot)) for snapshot in found]


def find_newest(*, uid: str, conversation_id: str) -> SegmentBatch | None:
    """The one that was heard last of those that are not compacted yet."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    newest = batches.order_by("heard_at", direction=DESCENDING).limit(1)
    return next((SegmentBatch.model_validate(fields_of(snapshot)) for snapshot in newest.stream()), None)


def find_furthest(*, uid: str, conversation_id: str) -> SegmentBatch | None:
    """The one that lies last in its conversation, whatever the clock said; of those that are not compacted yet."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    furthest = batches.order_by("end", direction=DESCENDING).limit(1)
    return next((SegmentBatch.model_validate(fields_of(snapshot)) for snapshot in furthest.stream()), None)


def list_named(batch_ids: Sequence[str], *, uid: str, conversation_id: str) -> list[SegmentBatch]:
    """Those of these batches that are not compacted yet, in one read."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    found = firestore_client().get_all([batches.document(batch_id) for batch_id in batch_ids])
    return [SegmentBatch.model_validate(fields_of(snapshot)) for snapshot in found if snapshot.exists]


def list_after(moment: float, *, uid: str, conversation_id: str) -> list[SegmentBatch]:
    """The batches, not compacted yet, of audio after a moment in seconds."""
    batches = _stored(uid=uid, conversation_id=conversation_id)
    found = batches.where(filter=field_filter("end", ">", moment)).stream()
    return [SegmentBatch.model_validate(fields_of(snapshot)) for snapshot in found]


def change_segments(
    batch_id: str, *, uid: str, conversation_id: str, change: Callable[[TranscriptSegment], TranscriptSegment]
) -> list[TranscriptSegment]:
    """Change segments of a batch in one transaction; the batch's segments afterwards, none where it is gone.

    Args:
        batch_id: which.
        uid: the owner.
        conversation_id: whose batch.
        change: pure; gets each segment and gives it as it shall be.
    """
    target = _stored(uid=uid, conversation_id=conversation_id)

    @transactional
    def apply(transaction: Transaction) -> list[TranscriptSegment]:
        snapshot = target.document(batch_id).get(transaction=transaction)
        if not snapshot.exists:
            return []
        before = SegmentBatch.model_validate(fields_of(snapshot))
        after = before.model_copy(update={"segments": [change(segment) for segment in before.segments]})
        if after != before:
            place = target.document(batch_id)
            transaction.update(place, protected({"segments": after.to_firestore()["segments"]}, place.path))
        return after.segments

    changed: list[TranscriptSegment] = apply(firestore_client().transaction())
    return changed


def delete(
    batches: Sequence[SegmentBatch],
    *,
    uid: str,
    conversation_id: str,
    versions: Mapping[str, datetime] | None = None,
) -> None:
    """Delete batches that the transcript contains now.

    Args:
        batches: which.
        uid: the owner.
        conversation_id: whose batches.
        versions: by their ids, the marks that `list_versions` has told of them: then only what is still what was read
            goes; where one of a few hundred is not, all of those stay.
    """
    client = firestore_client()
    collection = _stored(uid=uid, conversation_id=conversation_id)
    for at in range(0, len(batches), _BATCH_LIMIT):
        write = client.batch()
        for batch in batches[at : at + _BATCH_LIMIT]:
            option = None if versions is None else client.write_option(last_update_time=versions[batch.id])
            write.delete(collection.document(batch.id), option=option)
        # Heard again, relabelled, translated, or deleted meanwhile; without marks nothing is refused.
        with suppress(refusals.FailedPrecondition, refusals.NotFound):
            write.commit()


def _stored(*, uid: str, conversation_id: str) -> CollectionReference:
    conversation = conversations.reference(uid=uid, conversation_id=conversation_id)
    batches: CollectionReference = conversation.collection(_COLLECTION)
    return batches
