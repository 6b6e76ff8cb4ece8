"""Collection `users/{uid}/audio_ends`: conversations whose stored audio has done its work, and when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.due import read_due
from common.database.firestore import transactional
from common.database.snapshots import fields_of
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from datetime import datetime

    from google.cloud.firestore import Transaction

_COLLECTION = "audio_ends"


class AudioEnd(Document):
    """Of the conversation with this id; `look_at` is when somebody should see whether its audio may go."""

    id: str
    look_at: Moment


def of(*, uid: str) -> Documents[AudioEnd]:
    """A user's."""
    return Documents("users", uid, _COLLECTION, model=AudioEnd, noun="End of the audio")


def expect(look_at: datetime, *, uid: str, conversation_id: str) -> None:
    """Have somebody look then, whatever was noted of the conversation before."""
    of(uid=uid).put(AudioEnd(id=conversation_id, look_at=look_at))


def forget(known: AudioEnd, *, uid: str) -> None:
    """Nothing is to be looked at any more, unless that was noted anew meanwhile."""
    target = of(uid=uid).reference(known.id)

    @transactional
    def apply(transaction: Transaction) -> None:
        stored = fields_of(target.get(transaction=transaction))
        if stored and AudioEnd.model_validate({"id": known.id, **stored}) == known:
            transaction.delete(target)

    apply(firestore_client().transaction())


def list_due(moment: datetime, *, limit: int) -> list[tuple[str, AudioEnd]]:
    """(uid, end of the audio) that somebody should look at by `moment`, over all users, the longest due first."""
    return read_due(firestore_client().collection_group(_COLLECTION), moment, limit=limit, of=of)
