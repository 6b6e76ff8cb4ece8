"""Turning apps on and off: collection `users/{uid}/enabled_apps`, and with it the app's number of installs.

The collection is the truth; the set of ids is kept in Redis for as long as nobody changes it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import NotFoundError
from common.core.ids import is_document_id
from common.database import apps, cache, known_lists
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import increment, transactional
from common.models.app import App, EnabledApp

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

COLLECTION = "enabled_apps"
_KEPT_S = 3600


def of(*, uid: str) -> Documents[EnabledApp]:
    """What a user has turned on."""
    return Documents("users", uid, COLLECTION, model=EnabledApp, noun="Enabled app")


def enabled_ids(*, uid: str) -> set[str]:
    """The ids of the apps a user has turned on."""

    def load() -> str:
        enabled = of(uid=uid)
        return json.dumps([app.id for app in enabled.stream(enabled.collection.limit(LIST_LIMIT))])

    return set(json.loads(known_lists.recall(_key(uid), load, seconds=_KEPT_S)))


def forget_notes(*, uid: str) -> None:
    """Drop what is noted of what the user has turned on."""
    cache.forget(_key(uid))


def is_enabled(*, app_id: str, uid: str) -> bool:
    """Whether a user has turned the app on, by the collection itself: who may read what hangs on it."""
    return is_document_id(uid) and of(uid=uid).find(app_id) is not None


def enable(app: App, *, uid: str) -> None:
    """Turn it on, once; installs of public apps by others than their maker are counted with it.

    Raises:
        NotFoundError: the app was deleted meanwhile.
    """
    enabled, target = of(uid=uid).reference(app.id), apps.ALL.reference(app.id)

    @transactional
    def apply(transaction: Transaction) -> None:
        if enabled.get(transaction=transaction).exists:
            return
        if not target.get(transaction=transaction).exists:
            raise apps.ALL.missing()
        counted = not (app.private or app.owned_by(uid))
        mark = EnabledApp(id=app.id, enabled_at=clock.now(), counted=counted)
        transaction.create(enabled, mark.to_firestore())
        if counted:
            transaction.update(target, {"installs": increment(1)})

    apply(firestore_client().transaction())
    _outdate(uid)


def disable(*, app_id: str, uid: str) -> None:
    """Turn it off, whatever has become of the app.

    Raises:
        NotFoundError: it is not on.
    """
    enabled, target = of(uid=uid).reference(app_id), apps.ALL.reference(app_id)

    @transactional
    def apply(transaction: Transaction) -> bool:
        mark = enabled.get(transaction=transaction)
        if not mark.exists:
            return False
        app = target.get(transaction=transaction)
        transaction.delete(enabled)
        if app.exists and mark.get("counted") and (app.to_dict() or {}).get("installs", 0) > 0:
            transaction.update(target, {"installs": increment(-1)})
        return True

    was_on: bool = apply(firestore_client().transaction())
    _outdate(uid)
    if not was_on:
        raise NotFoundError("The app is not enabled")
    deletions.tell(Deletion.ENABLED_APP, app_id, uid=uid)


def _outdate(uid: str) -> None:
    known_lists.outdate(_key(uid))
    known_lists.outdate(known_lists.listeners_key(uid=uid))


def _key(uid: str) -> str:
    return f"users:{uid}:enabled_plugins"
