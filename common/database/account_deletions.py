"""Collection `account_deletions`: outside of what is deleted, so that it can say how far that is."""

from __future__ import annotations

from common.database.documents import Documents
from common.models.account_deletion import AccountDeletion

DELETIONS = Documents("account_deletions", model=AccountDeletion, noun="Account deletion")
