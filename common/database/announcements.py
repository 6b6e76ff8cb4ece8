"""Collections `announcements`, and `users/{uid}/dismissed_announcements`."""

from __future__ import annotations

from common.database.documents import Documents
from common.database.firestore import DESCENDING
from common.models.announcement import Announcement, Dismissal

MOST = 200
"""Announcements looked at; older ones are forgotten."""

ALL: Documents[Announcement] = Documents("announcements", model=Announcement, noun="Announcement")


def list_newest() -> list[Announcement]:
    """The newest first."""
    return ALL.stream(ALL.collection.order_by("created_at", direction=DESCENDING).limit(MOST))


def dismissed_by(*, uid: str) -> Documents[Dismissal]:
    """What a user wants to see no more."""
    return Documents("users", uid, "dismissed_announcements", model=Dismissal, noun="Dismissal")
