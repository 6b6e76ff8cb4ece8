"""Collection `users/{uid}/task_grants`: what lets us in at services where users keep tasks, one document per service.

Sealed at rest whatever the user has chosen for their words (common/database/sealing.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.firestore import transactional
from common.models.task_grant import TaskGrant

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction


def of(*, uid: str) -> Documents[TaskGrant]:
    """A user's."""
    return Documents("users", uid, "task_grants", model=TaskGrant, noun="Task integration")


def drop(grant: TaskGrant, *, uid: str) -> bool:
    """Forget a grant, unless another one has taken its place; whether that was done."""
    grants = of(uid=uid)
    target = grants.reference(grant.id)

    @transactional
    def apply(transaction: Transaction) -> bool:
        if grants.decoded([target.get(transaction=transaction)]) != [grant]:
            return False
        transaction.delete(target)
        return True

    dropped: bool = apply(firestore_client().transaction())
    return dropped
