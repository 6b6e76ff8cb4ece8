"""Who has left: what is done for them late leaves nothing under their id, not even a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.database import account_deletions

if TYPE_CHECKING:
    from datetime import datetime

_LATE_S = 240.0
"""An account is not said to be deleted before so long after everything of it was."""


def has_left_since(moment: datetime, *, uid: str) -> bool:
    """Whether everything that there was of a user then was, or is being, deleted.

    The store is asked of what is late alone: deleting an account takes longer than what comes in time.
    """
    late = clock.now() - moment > clock.duration(_LATE_S)
    return late and account_deletions.asked_for_since(moment, uid=uid)
