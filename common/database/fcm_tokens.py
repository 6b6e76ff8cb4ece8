"""Collection `users/{uid}/fcm_tokens`: one document per device, and one user per token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter, transactional
from common.database.snapshots import fields_of
from common.models.fcm_token import FcmToken

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

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
    target = of(uid=uid).reference(token.id)
    same = firestore_client().collection_group(_COLLECTION).where(filter=field_filter("token", "==", token.token))

    @transactional
    def apply(transaction: Transaction) -> None:
        # In one transaction, so that at no moment two users are reached on the same device.
        for snapshot in list(same.select([]).limit(_MOST_COPIES).stream(transaction=transaction)):
            if snapshot.reference.path != target.path:
                transaction.delete(snapshot.reference)
        transaction.set(target, token.to_firestore())

    apply(firestore_client().transaction())


def forget(device: FcmToken, *, uid: str) -> None:
    """Reach nobody under a device's token; a token that the device has got meanwhile stays."""
    target = of(uid=uid).reference(device.id)

    @transactional
    def apply(transaction: Transaction) -> None:
        stored = fields_of(target.get(transaction=transaction))
        if stored.get("token") == device.token:
            transaction.delete(target)

    apply(firestore_client().transaction())
