"""Changes of what is stored from one version's form into the next one's, by number; each is kept for good.

A migration is for documents that data access does not bring into their new form by reading and writing them. It works
on one user at a time, must be safe to do twice, and must not rest on functions being stopped: they write while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.database import conversation_speakers
from common.database.progress import PROGRESS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Migration:
    """One of them.

    Attributes:
        number: counts from 1, without gaps; never given anew.
        name: what it is about, in a few words.
        change: brings what a user has into its new form; how many documents were not. With its second argument true it
            only counts them.
    """

    number: int
    name: str
    change: Callable[[str, bool], int]

    @property
    def id(self) -> str:
        """Under which it is noted that it is done."""
        return f"migration-{self.number:04d}"


def _say_who_speaks(uid: str, dry_run: bool) -> int:  # noqa: FBT001 - `Migration.change`
    count = 0
    for conversation_id in conversation_speakers.unsaid(uid=uid):
        if not dry_run:
            conversation_speakers.say(conversation_id, uid=uid)
        count += 1
    return count


MIGRATIONS: tuple[Migration, ...] = (Migration(1, "who speaks in conversations", _say_who_speaks),)
"""All there are, in the order in which they are done."""


def finished_at(migration: Migration) -> datetime | None:
    """When it was done for everybody; None where it was not."""
    progress = PROGRESS.find(migration.id)
    return progress.finished_at if progress is not None else None


def in_order(migrations: Sequence[Migration]) -> Sequence[Migration]:
    """The same.

    Raises:
        ValueError: their numbers do not count from 1.
    """
    if [each.number for each in migrations] != list(range(1, len(migrations) + 1)):
        raise ValueError("migrations are numbered 1, 2, 3, … in their order")
    return migrations
