"""`operate reindex`: vectors follow what is stored, also after another embedder, a lost index or a backup."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from common.conversations.reindex import reindex
from common.core.errors import InvalidInputError
from common.database import everyone
from common.database.clients import open_for_searching
from common.database.stray_vectors import remove_strays
from operate.arguments import declare_parallel
from operate.asking import confirm, declare_yes
from operate.outcome import DONE, LEFT, Outcome
from operate.walking import Walk, told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("uid", nargs="?", help="one user; all users without")
    parser.add_argument("--anew", action="store_true", help="write everything again: the index has lost what it held")
    parser.add_argument(
        "--strays",
        action="store_true",
        help="remove vectors of what the database does not have, and do nothing else: nobody else may use the indexes",
    )
    declare_parallel(parser)
    declare_yes(parser)


def run(asked: Namespace) -> Outcome:
    """Do it; for all users it goes on where it was cut short."""
    if asked.strays:
        return _remove_strays(asked)
    open_for_searching()
    work = partial(_of_user, anew=asked.anew)
    if asked.uid is not None:
        uid = everyone.require(uid=asked.uid)
        counts = work(uid)
        return Outcome({"uid": uid, **counts}, code=LEFT if counts["busy"] or counts["unreadable"] else DONE)
    options = {"anew": "yes" if asked.anew else "no"}
    return told(Walk("reindex", work, options=options, parallel=asked.parallel).go())


def _remove_strays(asked: Namespace) -> Outcome:
    if asked.uid is not None or asked.anew:
        raise InvalidInputError("Strays are looked for among everybody's vectors, and by themselves")
    confirm("Remove every vector whose document is not", word="strays", asked=asked)
    return Outcome({"strays": remove_strays()})


def _of_user(uid: str, *, anew: bool) -> dict[str, int]:
    done = reindex(uid=uid, anew=anew)
    return {"documents": done.documents, "busy": done.busy, "unreadable": done.unreadable}
