"""`operate migrate`: do what migrations there are, in their order, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operate import migrations
from operate.arguments import declare_parallel
from operate.asking import confirm, declare_yes
from operate.outcome import DONE, LEFT, Outcome
from operate.walking import Walk

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from common.models.progress import Progress
    from operate.migrations import Migration


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--dry-run", action="store_true", help="count what would be changed, and change nothing")
    declare_yes(parser)
    declare_parallel(parser)


def run(asked: Namespace) -> Outcome:
    """Do it; one that was cut short goes on, and the next begins only when it is done for everybody."""
    known = migrations.in_order(migrations.MIGRATIONS)
    pending = [each for each in known if migrations.finished_at(each) is None]
    facts = {"known": len(known), "pending": len(pending)}
    if not pending:
        return Outcome({**facts, "says": "nothing is left to migrate"})
    if not asked.dry_run:
        confirm(f"Migrate: {', '.join(each.name for each in pending)}", word="migrate", asked=asked)
    walked: list[tuple[Migration, Progress]] = []
    for migration in pending:
        walked.append((migration, _walk(migration, asked)))
        if walked[-1][1].failed and not asked.dry_run:
            break
    left = len(pending) - (0 if asked.dry_run else sum(progress.finished_at is not None for _, progress in walked))
    rows = [_row(migration, progress) for migration, progress in walked]
    return Outcome({**facts, "left": left}, rows=rows, code=LEFT if left else DONE)


def _walk(migration: Migration, asked: Namespace) -> Progress:
    def work(uid: str) -> dict[str, int]:
        return {"documents": migration.change(uid, asked.dry_run)}

    return Walk(migration.id, work, parallel=asked.parallel, noted=not asked.dry_run).go()


def _row(migration: Migration, progress: Progress) -> dict[str, object]:
    return {
        "number": migration.number,
        "name": migration.name,
        "users": progress.users,
        "documents": progress.counts.get("documents", 0),
        "failed": progress.failed,
    }
