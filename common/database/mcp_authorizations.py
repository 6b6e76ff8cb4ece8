"""Collection `mcp_authorizations`: users who were sent to an authorization server, and have not come back yet."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from common.core import clock
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.firestore import transactional
from common.models.mcp import McpAuthorization

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction

ALL: Documents[McpAuthorization] = Documents("mcp_authorizations", model=McpAuthorization, noun="Authorization")


def expect(state: str, *, uid: str, app_id: str, within_s: float) -> str:
    """Wait for somebody who brings `state` back, for so many real seconds; the id of what is stored of it."""
    expire_at = clock.now() + timedelta(seconds=within_s)
    return ALL.create(McpAuthorization(id=_id(state), uid=uid, app_id=app_id, expire_at=expire_at)).id


def take(state: str) -> McpAuthorization | None:
    """Whom `state` belongs to, for the one who brings it first; nobody, if it is too late."""
    target = ALL.reference(_id(state))

    @transactional
    def apply(transaction: Transaction) -> McpAuthorization | None:
        found = ALL.decoded([target.get(transaction=transaction)])
        if found:
            transaction.delete(target)
        return found[0] if found else None

    taken: McpAuthorization | None = apply(firestore_client().transaction())
    return taken if taken is not None and clock.now() < taken.expire_at else None


def forget(authorization_id: str) -> None:
    """Wait no longer."""
    ALL.delete_many([authorization_id])


def _id(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()
