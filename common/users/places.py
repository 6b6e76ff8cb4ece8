"""Where the user was a moment ago: told by the app now and then, and given to the conversation that is closed next."""

from common.core import clock
from common.database import users
from common.models.attachments import Geolocation
from common.models.user import CapturedPlace

KEPT_S = 1800.0
"""After this a place says nothing about where the user is."""


def remember_place(place: Geolocation, *, uid: str) -> None:
    """Note where the user is now."""
    captured = CapturedPlace(**place.model_dump(), captured_at=clock.now())
    users.change(uid=uid, last_geolocation=captured.model_dump())


def recent_place(*, uid: str) -> Geolocation | None:
    """Where the user was within the last half hour, if the app said so."""
    place = users.find(uid=uid).last_geolocation
    if place is None or clock.now() - place.captured_at > clock.duration(KEPT_S):
        return None
    return Geolocation.model_validate(place.model_dump())
