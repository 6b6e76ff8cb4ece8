"""Whoever reminds the user is told what is due, and that it no longer is."""

from collections.abc import Iterable
from typing import Literal

from common.core import clock
from common.database import topics
from common.models.action_item import ActionItem
from common.models.events import ActionItemDue


def announce_due(items: Iterable[ActionItem], *, uid: str, change: Literal["created", "changed", "deleted"]) -> None:
    """Say that these items, which are or were due at some time, have changed."""
    topics.publish(
        *(
            ActionItemDue(
                uid=uid,
                action_item_id=item.id,
                change=change,
                changed_at=clock.now() if change == "deleted" else item.updated_at,
            )
            for item in items
        )
    )
