"""Collection `users/{uid}/fcm_tokens`: one document per device, and one user per token."""

from __future__ import annotations

from google.cloud.firestore import FieldFilter

from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.models.fcm_token import FcmToken

_COLLECTION = "fcm_tokens"
_MOST_COPIES = 100


def of(*, uid: str) -> Documents[FcmToken]:
    """A user's devices."""
    return Documents("users", uid, _COLLECTION, model=FcmToken, noun="Device")


def list_all(*, uid: str) -> list[FcmToken]:
    """Where the user can be reached."""
    devices = of(uid=uid)
    return devices.stream(devices.collection.limit(LIST_LIMIT))


def register(token: FcmToken, *, uid: str) -> None:
    """Reach this user under a token, and with it nobody else: a device may have changed hands."""
    devices = of(uid=uid)
    devices.put(token)
    known = firestore_client().collection_group(_COLLECTION).where(filter=FieldFilter("token", "==", token.token))
    batch = firestore_client().batch()
    for snapshot in known.select([]).limit(_MOST_COPIES).stream():
        if snapshot.reference.path != devices.reference(token.id).path:
            batch.delete(snapshot.reference)
    batch.commit()
