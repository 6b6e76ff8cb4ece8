"""Where the user was when the app said so last; the conversation that is processed next took place there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.database import users
from common.models.attachments import Geolocation
from common.models.user import CapturedPlace

if TYPE_CHECKING:
    from datetime import datetime

KEPT_S = 1800.0
"""After this a place says nothing about where the user is."""


def remember_place(place: Geolocation, *, uid: str) -> None:
    """Note where the user is now."""
    captured = CapturedPlace(**place.model_dump(), captured_at=clock.now())
    users.change(uid=uid, last_geolocation=captured.model_dump())


def last_place(*, uid: str, since: datetime) -> Geolocation | None:
    """Where the user was last, if the app has said so since then."""
    place = users.find(uid=uid).last_geolocation
    if place is None or place.captured_at < since:
        return None
    return Geolocation.model_validate(place.model_dump())
