"""One running instance of `listen`: its name, its one watch, and who wants to know what."""

import asyncio
from collections.abc import Callable

from common.conversations.live.load import Load
from common.core.ids import new_id
from common.core.settings import settings
from common.database import conversations
from common.database.watch import ConversationWatch
from common.models.conversation import ConversationStatus

_GRACE_S = 6.0
"""Of the 10 s that the platform leaves to an instance that it stops; the rest is for what was not heard in time."""
_SHORTEST_S = 0.5

Listener = Callable[[str, ConversationStatus | None], None]
"""Told (conversation id, status) on the event loop; None is neither in progress nor processing any more."""


class Instance:
    """What all connections of this process share: one Firestore watch, and how busy it is."""

    def __init__(self) -> None:
        self.name = new_id()
        self._stopped_at: float | None = None
        self.load = Load()
        self._loop = asyncio.get_running_loop()
        self._listeners: dict[tuple[str, str], list[Listener]] = {}
        self._watch = ConversationWatch(instance=self.name, notify=self._notify)
        self._untold: list[tuple[str, str]] = []

    @property
    def drain_s(self) -> float:
        """Real seconds that a connection which is over may wait for its last words."""
        longest = settings().drain_seconds
        if self._stopped_at is None:
            return longest
        return min(longest, max(_SHORTEST_S, self._stopped_at + _GRACE_S - self._loop.time()))

    def stop(self) -> None:
        """Everybody is parted from: there is not much time left."""
        self._stopped_at = self._loop.time()

    async def ensure_watching(self) -> None:
        """Start the watch, or start it again where it has ended; then tell what it has missed."""
        if await asyncio.to_thread(self._watch.ensure):
            self._untold = list(self._listeners)
        while self._untold:
            uid, conversation_id = self._untold[-1]
            await asyncio.to_thread(self.look, uid=uid, conversation_id=conversation_id)
            self._untold = [each for each in self._untold if each != (uid, conversation_id)]

    def follow(self, *, uid: str, conversation_id: str, listener: Listener) -> None:
        """Tell `listener` about a conversation from now on; one conversation may have several."""
        self._listeners.setdefault((uid, conversation_id), []).append(listener)

    def forget(self, *, uid: str, conversation_id: str, listener: Listener) -> None:
        """Tell `listener` nothing about it any more."""
        listeners = self._listeners.get((uid, conversation_id), [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop((uid, conversation_id), None)

    def look(self, *, uid: str, conversation_id: str) -> None:
        """Read a conversation and tell its listeners how it is; for a thread."""
        conversation = conversations.find(uid=uid, conversation_id=conversation_id)
        over = conversation is None or conversation.status.terminal
        self._notify(uid, conversation_id, None if conversation is None or over else conversation.status)

    def close(self) -> None:
        """End the watch."""
        self.load.close()
        self._watch.close()

    def _notify(self, uid: str, conversation_id: str, status: ConversationStatus | None) -> None:
        self._loop.call_soon_threadsafe(self._tell, uid, conversation_id, status)

    def _tell(self, uid: str, conversation_id: str, status: ConversationStatus | None) -> None:
        for listener in list(self._listeners.get((uid, conversation_id), [])):
            listener(conversation_id, status)
