"""One watch per instance of `listen` over the conversations it serves: no polling, a read per change."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from common.database.clients import firestore_client
from common.database.conversation_queries import COLLECTION
from common.database.firestore import field_filter
from common.models.conversation import ConversationStatus

if TYPE_CHECKING:
    from collections.abc import Callable

_ALIVE = (ConversationStatus.IN_PROGRESS.value, ConversationStatus.PROCESSING.value)


class ConversationWatch:
    """Tells (uid, conversation id, status) whenever a served conversation changes.

    `status` is None once it is neither in progress nor processing: terminal, or deleted; reading it tells which.
    `notify` is called from a thread of the Firestore library.
    """

    def __init__(self, *, instance: str, notify: Callable[[str, str, ConversationStatus | None], None]) -> None:
        self._instance = instance
        self._notify = notify
        self._watch: Any = None
        self._starting = threading.Lock()

    def ensure(self) -> bool:
        """Start watching, or start again where the stream has ended for good.

        Returns:
            Whether it was started again: what ended in between was not told.
        """
        with self._starting:
            ended = self._watch is not None
            if ended and self._watch.is_active:
                return False
            query = (
                firestore_client()
                .collection_group(COLLECTION)
                .where(filter=field_filter("capture.instances", "array_contains", self._instance))
                .where(filter=field_filter("status", "in", list(_ALIVE)))
            )
            self._watch = query.on_snapshot(self._on_snapshot)
            return ended

    def close(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.unsubscribe()

    def _on_snapshot(self, _: Any, changes: list[Any], __: Any) -> None:
        for change in changes:
            document = change.document
            uid = document.reference.parent.parent.id
            gone = change.type.name == "REMOVED"
            status = None if gone else ConversationStatus(document.get("status"))
            self._notify(uid, document.id, status)
