"""What users say about apps, and what makers answer."""

from common.apps.showing import own_app, visible_app
from common.core import clock
from common.core.errors import NotFoundError, PermissionDeniedError
from common.core.ids import digest
from common.database import reviews
from common.models.app import App
from common.models.app_review import AppReview, StoredReview
from common.notifications.notify import notify


def review_app(
    app_id: str, *, uid: str, score: float, text: str, username: str | None = None, again: bool = False
) -> AppReview:
    """Say what one thinks of an app, in place of what one thought before.

    Args:
        app_id: of which.
        uid: who.
        score: 0 to 5 stars.
        text: in words.
        username: how the reviewer wants to be called.
        again: whether there has to be a review already.

    Raises:
        NotFoundError: there is no such app, or no review to change.
        PermissionDeniedError: it is private, or one's own.
    """
    visible_app(app_id, uid=uid)

    def decide(app: App, before: AppReview | None) -> AppReview:
        if app.owned_by(uid):
            raise PermissionDeniedError("An app is not reviewed by its maker")
        if before is None:
            if again:
                raise NotFoundError("Review not found")
            return AppReview(uid=uid, rated_at=clock.now(), score=score, review=text, username=username)
        update = {"score": score, "review": text, "updated_at": clock.now()}
        return before.model_copy(update=update | ({"username": username} if username else {}))

    review = reviews.write(app_id=app_id, uid=uid, decide=decide)
    maker = visible_app(app_id, uid=uid)
    if maker.uid and review.updated_at is None:
        notify(
            uid=maker.uid,
            kind="new_app_review",
            title=f"New review of {maker.name}",
            body=f"{score:g} of 5: {text}"[:200],
            once=("review", app_id, uid, digest(text, str(score))),
            data={"app_id": app_id, "navigate_to": f"/apps/{app_id}"},
        )
    return review


def answer_review(app_id: str, *, uid: str, reviewer_uid: str, response: str) -> AppReview:
    """Answer a review, as the app's maker.

    Raises:
        NotFoundError: there is no such app, or no such review.
        PermissionDeniedError: somebody else made the app.
    """
    app = own_app(app_id, uid=uid)

    def decide(_: App, before: AppReview | None) -> AppReview:
        if before is None:
            raise NotFoundError("Review not found")
        return before.model_copy(update={"response": response, "responded_at": clock.now()})

    review = reviews.write(app_id=app_id, uid=reviewer_uid, decide=decide)
    notify(
        uid=reviewer_uid,
        kind="app_review_reply",
        title=f"{app.name} has answered you",
        body=response[:200],
        once=("reply", app_id, reviewer_uid, digest(response)),
        data={"app_id": app_id, "navigate_to": f"/apps/{app_id}"},
    )
    return review


def list_reviews(app_id: str, *, uid: str, limit: int, offset: int) -> list[StoredReview]:
    """What users say about an app, newest first.

    Raises:
        NotFoundError: there is no such app.
        PermissionDeniedError: it is private.
    """
    visible_app(app_id, uid=uid)
    return reviews.list_newest(app_id=app_id, limit=limit, offset=offset)
