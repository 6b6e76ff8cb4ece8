"""Collection `plugins_data/{app_id}/reviews`: one review per user, and with each the app's average of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.errors import NotFoundError
from common.database import apps
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import DESCENDING, field_filter, transactional
from common.models.app import App
from common.models.app_review import AppReview, StoredReview

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import DocumentSnapshot, Transaction

_COLLECTION = "reviews"
LATEST = 10
"""Reviews that an app's own document carries."""


def of(*, app_id: str) -> Documents[StoredReview]:
    """An app's reviews."""
    return Documents(apps.COLLECTION, app_id, _COLLECTION, model=StoredReview, noun="Review")


def list_newest(*, app_id: str, limit: int, offset: int) -> list[StoredReview]:
    """Newest first."""
    reviews = of(app_id=app_id)
    query = reviews.collection.order_by("rated_at", direction=DESCENDING)
    return reviews.stream(query.offset(offset).limit(limit))


def list_of_user(*, uid: str) -> dict[str, StoredReview]:
    """What one user thinks of apps, by the apps' ids: one read for each review there is, however many apps."""
    everywhere = firestore_client().collection_group(_COLLECTION)
    written = everywhere.where(filter=field_filter("uid", "==", uid)).limit(LIST_LIMIT).stream()
    found: dict[str, StoredReview] = {}
    for snapshot in written:
        app = snapshot.reference.parent.parent
        if app.parent.id == apps.COLLECTION:
            for review in of(app_id=app.id).decoded([snapshot]):
                found[app.id] = review
    return found


def write(*, app_id: str, uid: str, decide: Callable[[App, AppReview | None], AppReview]) -> AppReview:
    """Put a review in place of the user's last one, in one transaction with the app's average.

    Args:
        app_id: of what.
        uid: whose.
        decide: gets the app and the review as they are and returns the review as it shall be; may run more than once.
            What it raises is raised.

    Raises:
        NotFoundError: there is no such app.
    """
    target, below = apps.ALL.reference(app_id), of(app_id=app_id).reference(uid)

    @transactional
    def apply(transaction: Transaction) -> AppReview:
        app = _decode_app(target.get(transaction=transaction))
        snapshot = below.get(transaction=transaction)
        before = AppReview.model_validate(snapshot.to_dict()) if snapshot.exists else None
        after = decide(app, before)
        transaction.set(below, {**after.to_firestore(), "app_id": app_id})
        changed = with_review(app, before=before, after=after).to_firestore()
        transaction.update(target, {name: changed[name] for name in _AGGREGATES})
        return after

    review: AppReview = apply(firestore_client().transaction())
    apps.forget_catalogue()
    return review


_AGGREGATES = ("rating_avg", "rating_count", "rating_sum", "reviews")


def with_review(app: App, *, before: AppReview | None, after: AppReview) -> App:
    """The app with a review counted in place of the reviewer's last one."""
    total = app.rating_sum if app.rating_sum is not None else app.rating_avg * app.rating_count
    total += after.score - (before.score if before else 0.0)
    count = app.rating_count + (0 if before else 1)
    latest = sorted(
        [after, *(review for review in app.reviews if review.uid != after.uid)],
        key=lambda review: review.rated_at,
        reverse=True,
    )
    return app.model_copy(
        update={
            "rating_sum": total,
            "rating_count": count,
            "rating_avg": total / max(count, 1),
            "reviews": latest[:LATEST],
        }
    )


def _decode_app(snapshot: DocumentSnapshot[Any]) -> App:
    if not snapshot.exists or (snapshot.to_dict() or {}).get("deleted"):
        raise NotFoundError("App not found")
    return App.model_validate({"id": snapshot.id, **(snapshot.to_dict() or {})})
