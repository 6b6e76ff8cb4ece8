"""Action items that one user shows and another takes over."""

from dataclasses import dataclass
from functools import partial

from common.action_items.reminders import announce_due
from common.core import clock
from common.core.errors import BadRequestError, ConflictError, LockedError, NotFoundError
from common.core.ids import derived_id
from common.database import action_items, token_shares, users
from common.database.derived import ensure_many
from common.models.action_item import ActionItem
from common.models.token_share import UNNAMED, TokenShare


@dataclass(frozen=True)
class Shown:
    """What whoever has the token may see."""

    sender_name: str
    items: list[ActionItem]


def share_action_items(*, uid: str, action_item_ids: list[str]) -> str:
    """A token with which others can see these items, and take them over, for 30 days.

    Raises:
        NotFoundError: one of them is not the user's.
        LockedError: one of them is locked.
    """
    wanted = list(dict.fromkeys(action_item_ids))
    found = action_items.of(uid=uid).find_many(wanted)
    if len(found) < len(wanted):
        raise NotFoundError("Action item not found")
    if any(item.is_locked for item in found):
        raise LockedError("A locked action item cannot be shared")
    name = users.display_name(uid=uid) or UNNAMED
    return token_shares.create(uid=uid, sender_name=name, action_item_ids=wanted)


def view_share(token: str) -> Shown:
    """What the token shows: the items as they are now, without those that are gone or locked.

    Raises:
        NotFoundError: nothing, or nothing any more.
    """
    share = token_shares.get_of_action_items(token)
    return Shown(sender_name=share.sender_name, items=_items(share))


def accept_share(token: str, *, uid: str) -> list[ActionItem]:
    """Take what the token shows over into the user's own list, once.

    Raises:
        NotFoundError: it shows nothing, or nothing any more.
        BadRequestError: it is the user's own.
        ConflictError: the user has taken it over already.
    """
    share = token_shares.get_of_action_items(token)
    if share.uid == uid:
        raise BadRequestError("These action items are your own")
    if token_shares.is_accepted(share, uid=uid):
        raise ConflictError("You have accepted this share already")
    items = _items(share)
    if not items:
        raise NotFoundError("Share not found")
    # The copies have ids that follow from the share, and are there before it counts as accepted: an attempt that ends
    # in the middle can be made again.
    copies = ensure_many(
        action_items.of(uid=uid),
        [partial(_copy, item, share=share, uid=uid) for item in items],
        stands_for=lambda _there, _new: True,
    )
    token_shares.accept(share, uid=uid)
    taken = [each.document for each in copies]
    announce_due((item for item in taken if item.due_at), uid=uid, change="created")
    return taken


def _items(share: TokenShare) -> list[ActionItem]:
    found = action_items.of(uid=share.uid).find_many(share.action_item_ids)
    return [item for item in found if not item.is_locked]


def _copy(item: ActionItem, _generation: int, *, share: TokenShare, uid: str) -> ActionItem:
    now = clock.now()
    return ActionItem(
        id=derived_id("accepted_action_item", share.id, uid, item.id),
        uid=uid,
        description=item.description,
        due_at=item.due_at,
        created_at=now,
        updated_at=now,
        shared_from=share.sender_name,
    )
