"""Where a conversation took place: where the app last said that the user was, for conversations it captured."""

from common.core import clock
from common.models.attachments import Geolocation
from common.models.conversation import Conversation
from common.users.places import KEPT_S, last_place


def place_of(conversation: Conversation, *, uid: str) -> Geolocation | None:
    """Where a live conversation took place, as far as that is known: by half an hour before it at the earliest."""
    if conversation.capture.kind != "live" or conversation.geolocation is not None:
        return None
    began = conversation.started_at or conversation.created_at
    return last_place(uid=uid, since=began - clock.duration(KEPT_S))


def located(conversation: Conversation | None, place: Geolocation | None) -> Conversation | None:
    """The conversation with its place, unless it has one; pure."""
    if conversation is None or place is None or conversation.geolocation is not None:
        return conversation
    return conversation.model_copy(update={"geolocation": place})
