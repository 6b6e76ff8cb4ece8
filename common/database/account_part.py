"""One kind of thing a user has in one place: found in portions, deleted, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from common.core.clock import Deadline

PORTION = 400
"""Things found and deleted at once; one batch of writes takes them."""


@dataclass(frozen=True)
class Part:
    """One kind of thing.

    Attributes:
        name: for counts and logs.
        find: at most so many of this user's.
        delete: deletes what was found; what is gone already is fine.
    """

    name: str
    find: Callable[[str, int], Sequence[Any]]
    delete: Callable[[Sequence[Any]], None]

    def erase(self, uid: str, deadline: Deadline) -> int:
        """Delete all there is, or as much as there is time for; how much it was."""
        erased = 0
        before: Sequence[Any] = ()
        while not deadline.passed:
            found = self.find(uid, PORTION)
            # What is found again just after it was deleted, by a store that is slow to forget, is left for later.
            if not found or found == before:
                break
            self.delete(found)
            erased += len(found)
            before = found
        return erased

    def count(self, uid: str) -> int:
        """How many there are; PORTION stands for that many or more."""
        return len(self.find(uid, PORTION))
