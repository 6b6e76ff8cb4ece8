"""A user's documents, and what of theirs lies in collections that everybody shares."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from common.core.errors import NotFoundError
from common.database import api_keys, apps, installs, media, users
from common.database.account_part import Part
from common.database.clients import firestore_client
from common.database.firestore import field_filter, transactional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.cloud.firestore import DocumentReference, Query, Transaction

    from common.database.api_keys import KeyKind

Named = tuple[str, str]
"""A user and the id of something of theirs."""


def keys(kind: KeyKind) -> Part:
    """Keys of one kind, refused from the moment they are deleted."""

    def find(uid: str, limit: int) -> list[Named]:
        return [(uid, key.id) for key in api_keys.list_of_user(kind, uid=uid)[:limit]]

    def delete(found: Sequence[Named]) -> None:
        for uid, key_id in found:
            with suppress(NotFoundError):
                api_keys.revoke(kind, key_id=key_id, uid=uid)

    return Part(f"{kind.name.lower()}_keys", find, delete)


def owned(collection: str, *, by: str) -> Part:
    """Documents of a top-level collection that name the user in the field `by`, with what is below them."""

    def find(uid: str, limit: int) -> list[DocumentReference]:
        return _naming(firestore_client().collection(collection).where(filter=field_filter(by, "==", uid)), limit)

    def delete(found: Sequence[DocumentReference]) -> None:
        for reference in found:
            firestore_client().recursive_delete(reference)

    return Part(collection, find, delete)


def _apps(uid: str, limit: int) -> list[DocumentReference]:
    return _naming(apps.ALL.collection.where(filter=field_filter("uid", "==", uid)), limit)


def _delete_apps(found: Sequence[DocumentReference]) -> None:
    for reference in found:
        media.delete_below(f"apps/{reference.id}/")
        with suppress(NotFoundError):
            apps.delete(reference.id)


APPS = Part("apps", _apps, _delete_apps)


def _reviews(uid: str, limit: int) -> list[DocumentReference]:
    mine = firestore_client().collection_group("reviews").where(filter=field_filter("uid", "==", uid))
    return _naming(mine, limit)


def _delete_reviews(found: Sequence[DocumentReference]) -> None:
    for reference in found:
        _withdraw_review(reference)
    apps.forget_catalogue()


def _withdraw_review(reference: DocumentReference) -> None:
    """Delete a review and take it out of its app's average, in one transaction."""
    target = reference.parent.parent

    @transactional
    def apply(transaction: Transaction) -> None:
        review = reference.get(transaction=transaction).to_dict() or {}
        app: dict[str, Any] | None = target.get(transaction=transaction).to_dict()
        transaction.delete(reference)
        if app is not None and review:
            transaction.update(target, _without_review(app, uid=reference.id, score=float(review.get("score") or 0.0)))

    apply(firestore_client().transaction())


def _without_review(app: dict[str, Any], *, uid: str, score: float) -> dict[str, Any]:
    """The fields of an app that a review changes, without one."""
    before = int(app.get("rating_count") or 0)
    known = app.get("rating_sum")
    total = float(known if known is not None else float(app.get("rating_avg") or 0.0) * before) - score
    count = max(before - 1, 0)
    return {
        "rating_count": count,
        "rating_sum": total if count else 0.0,
        "rating_avg": total / count if count else 0.0,
        "reviews": [shown for shown in app.get("reviews") or [] if shown.get("uid") != uid],
    }


REVIEWS = Part("reviews", _reviews, _delete_reviews)


def _enabled_apps(uid: str, limit: int) -> list[Named]:
    return [(uid, snapshot.id) for snapshot in installs.of(uid=uid).collection.select([]).limit(limit).stream()]


def _disable_apps(found: Sequence[Named]) -> None:
    for uid, app_id in found:
        with suppress(NotFoundError):
            installs.disable(app_id=app_id, uid=uid)


ENABLED_APPS = Part("enabled_apps", _enabled_apps, _disable_apps)
"""One by one, so that the apps' numbers of installs follow."""


def _below_user(uid: str, limit: int) -> list[DocumentReference]:
    """Documents below the user's own, at any depth, and last of all that one itself."""
    root = users.reference(uid=uid)
    found: list[DocumentReference] = []
    for collection in root.collections():
        found += _naming(collection.recursive(), limit - len(found))
        if len(found) >= limit:
            return found
    return [*found, root] if root.get([]).exists else found


def _delete_documents(found: Sequence[DocumentReference]) -> None:
    batch = firestore_client().batch()
    for reference in found:
        batch.delete(reference)
    batch.commit()


BELOW_USER = Part("documents", _below_user, _delete_documents)


def _naming(query: Query, limit: int) -> list[DocumentReference]:
    return [snapshot.reference for snapshot in query.select([]).limit(limit).stream()]
