"""`operate deletions`: what was deleted since a backup was made, and is there again after it was brought back."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from common.core.errors import EarshotError, InvalidInputError
from common.core.logs import get_logger, where
from common.models.account_deletion import DeletionState
from operate.arguments import Actions
from operate.asking import confirm, declare_yes
from operate.deleting import FAILED, delete_again, is_there, owners
from operate.outcome import DONE, LEFT, Outcome
from operate.told import USER, Deleted, told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    listing = actions.add("list", "what is there again; looking at it changes nothing")
    redo = actions.add("redo", "delete it again, as its owners have")
    for action in (listing, redo):
        action.add_argument(
            "file",
            nargs="+",
            type=Path,
            help="lines of the log: as functions write them, or `gcloud logging read` in JSON",
        )
        action.add_argument(
            "--since", type=_moment, required=True, metavar="MOMENT", help="that of the backup: 2026-01-01T12:00:00Z"
        )
    declare_yes(redo)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    deleted = told([_read(file) for file in asked.file], since=asked.since)
    known = owners(deleted)
    there = [each for each in deleted if each.user in known and is_there(each, uid=known[each.user])]
    leaving = {each.user for each in there if each.kind == USER}
    there = [each for each in there if each.kind == USER or each.user not in leaving]
    facts = {"told": len(deleted), "there_again": len(there)}
    if asked.action == "list":
        rows = [{"kind": each.kind, "uid": known[each.user], "id": each.id or None} for each in there]
        return Outcome(facts, rows=rows, code=LEFT if rows else DONE)
    if there:
        confirm(f"Delete {len(there)} again, users with everything of theirs", word="delete", asked=asked)
    rows = [
        {"kind": each.kind, "uid": known[each.user], "id": each.id or None, "came": _again(each, uid=known[each.user])}
        for each in there
    ]
    came = Counter(str(row["came"]) for row in rows)
    left = came[FAILED] or came[DeletionState.RUNNING.value]
    return Outcome({**facts, **came}, rows=rows, code=LEFT if left else DONE)


def _again(deleted: Deleted, *, uid: str) -> str:
    """What came of it; one that fails does not hold up the others, and the same command tries again."""
    try:
        return delete_again(deleted, uid=uid)
    except EarshotError as error:
        get_logger().error("deletion_failed", kind=deleted.kind, error=type(error).__name__, at=where(error))
        return FAILED


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file} cannot be read") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no moment such as 2026-01-01T12:00:00Z") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
