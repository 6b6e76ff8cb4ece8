"""Users' documents that say when somebody should look after them: `look_at`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from common.database.firestore import field_filter
from common.models.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from google.cloud.firestore import CollectionGroup

    from common.database.documents import Documents

D = TypeVar("D", bound=Document)


def read_due(
    group: CollectionGroup, moment: datetime, *, limit: int, of: Callable[..., Documents[D]]
) -> list[tuple[str, D]]:
    """(uid, document) that somebody should look after by `moment`, over all users, the longest due first.

    Args:
        group: the collection group, of documents right below their user's.
        moment: those due later are left.
        limit: documents at most.
        of: a user's documents, by `uid=`; one that cannot be read is left out.
    """
    query = group.where(filter=field_filter("look_at", "<=", moment)).order_by("look_at").limit(limit)
    return [
        (uid, document)
        for snapshot in query.stream()
        for uid in [snapshot.reference.parent.parent.id]
        for document in of(uid=uid).decoded([snapshot])
    ]
