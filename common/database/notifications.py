"""Collection `users/{uid}/notifications`: what a user is told on their devices."""

from common.database.documents import Documents
from common.models.notification import Notification


def of(*, uid: str) -> Documents[Notification]:
    """A user's notifications."""
    return Documents("users", uid, "notifications", model=Notification, noun="Notification")
