"""Messages of the chat that a user shows to others."""

from dataclasses import dataclass

from common.core.errors import NotFoundError
from common.database import messages, token_shares, users
from common.models.chat import Message
from common.models.token_share import UNNAMED


@dataclass(frozen=True)
class Shown:
    """What whoever has the token may see."""

    sender_name: str
    messages: list[Message]


def share_messages(*, uid: str, message_ids: list[str]) -> str:
    """A token with which others can read these messages for 30 days.

    Raises:
        NotFoundError: one of them is not the user's, or is hidden because it was reported.
    """
    wanted = list(dict.fromkeys(message_ids))
    if len(_visible(wanted, uid=uid)) < len(wanted):
        raise NotFoundError("Message not found")
    name = users.display_name(uid=uid) or UNNAMED
    return token_shares.create(uid=uid, sender_name=name, message_ids=wanted)


def view_shared_messages(token: str) -> Shown:
    """What the token shows, the oldest first: as it is now, without what was deleted or reported since.

    Raises:
        NotFoundError: nothing, or nothing any more.
    """
    share = token_shares.get_of_messages(token)
    found = _visible(share.message_ids, uid=share.uid)
    return Shown(share.sender_name, sorted(found, key=lambda message: (message.created_at, message.id)))


def _visible(message_ids: list[str], *, uid: str) -> list[Message]:
    return [message for message in messages.of(uid=uid).find_many(message_ids) if not message.reported]
