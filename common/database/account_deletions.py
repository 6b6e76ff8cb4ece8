"""Collection `account_deletions`: outside of what is deleted, so that it can say how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database.documents import Documents
from common.models.account_deletion import AccountDeletion, DeletionState

if TYPE_CHECKING:
    from datetime import datetime

DELETIONS = Documents("account_deletions", model=AccountDeletion, noun="Account deletion")


def under_way(uid: str) -> bool:
    """Whether everything of a user is being deleted at this time: nothing new should come then."""
    deletion = DELETIONS.find(uid)
    return deletion is not None and deletion.state is not DeletionState.DONE


def asked_for_since(moment: datetime, *, uid: str) -> bool:
    """Whether everything that there was of a user at that moment has been deleted, or is being deleted."""
    deletion = DELETIONS.find(uid)
    if deletion is None:
        return False
    ends_at = deletion.finished_at if deletion.state is DeletionState.DONE else deletion.requested_at
    return ends_at is not None and ends_at >= moment
