"""Where a conversation took place: where the app last said that the user was, for conversations it captured."""

from common.core import clock
from common.models.attachments import Geolocation
from common.models.conversation import Conversation
from common.users.geocoding import addressed
from common.users.places import KEPT_S, last_place


def place_of(conversation: Conversation, *, uid: str) -> Geolocation | None:
    """Where it took place, as far as that is known, and what is there.

    Where a live conversation began is known by half an hour before it at the earliest.
    """
    place = conversation.geolocation
    if place is None and conversation.capture.kind == "live":
        began = conversation.began
        place = last_place(uid=uid, since=began - clock.duration(KEPT_S))
    return None if place is None else addressed(place)


def located(conversation: Conversation | None, place: Geolocation | None) -> Conversation | None:
    """The conversation with its place, unless it has another one; pure."""
    if conversation is None or place is None:
        return conversation
    known = conversation.geolocation
    if known is not None and (known.latitude, known.longitude) != (place.latitude, place.longitude):
        return conversation
    return conversation.model_copy(update={"geolocation": place})
