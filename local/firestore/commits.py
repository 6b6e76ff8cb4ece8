"""Commits: writes become current, are handed to the commit hook and told to the listeners, together or not at all."""

from collections.abc import Callable, Iterable, Sequence

from local.firestore.lookups import Lookups
from local.firestore.messages import Write, WriteResult
from local.firestore.store import Change, Store
from local.firestore.writes import Overlay
from local.state import State

CommitHook = Callable[[Sequence[Change]], None]


class Committer:
    """The only way documents change."""

    def __init__(self, state: State, store: Store, lookups: Lookups, on_commit: CommitHook | None) -> None:
        self._state = state
        self._store = store
        self._lookups = lookups
        self._on_commit = on_commit
        self._subscribers: dict[CommitHook, None] = {}

    def subscribe(self, callback: CommitHook) -> None:
        """Call `callback` after every commit that changed something."""
        self._subscribers[callback] = None

    def unsubscribe(self, callback: CommitHook) -> None:
        """Stop calling `callback`."""
        self._subscribers.pop(callback, None)

    def commit(self, database: str, writes: Iterable[Write]) -> tuple[int, list[WriteResult]]:
        """Apply all writes or none, and return the commit time in microseconds and a result per write.

        Raises:
            RefusedError: as the first write that cannot be applied demands.
        """
        time_us = self._store.tick()
        overlay = Overlay(self._store, database, time_us)
        results = [overlay.apply(write) for write in writes]
        changes = overlay.changes()
        if changes:
            with self._state.transaction():
                self._store.apply(changes)
                self._lookups.apply(changes)
                if self._on_commit is not None:
                    self._on_commit(changes)
            self._store.remember(changes)
            for callback in list(self._subscribers):
                callback(changes)
        return time_us, results
