"""Collection `users/{uid}/task_grants`: what lets us in at services where users keep tasks, one document per service.

Sealed at rest whatever the user has chosen for their words (common/database/sealing.py).
"""

from __future__ import annotations

from common.database.documents import Documents
from common.models.task_grant import TaskGrant


def of(*, uid: str) -> Documents[TaskGrant]:
    """A user's."""
    return Documents("users", uid, "task_grants", model=TaskGrant, noun="Task integration")
