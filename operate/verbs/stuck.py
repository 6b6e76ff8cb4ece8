"""`operate stuck`: conversations that do not go on. The function `sweep` moves most by itself, every minute."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from common.conversations.stuck import finish_stuck, list_stuck
from common.core.errors import NotFoundError
from common.core.ids import is_document_id
from common.database import everyone
from operate.arguments import Actions, declare_limit
from operate.outcome import DONE, LEFT, Outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_MOST = 500


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    listing = actions.add("list", "which they are, and why")
    finish = actions.add("finish", "put them back on their way: all that are listed, of one user, or one")
    finish.add_argument("uid", nargs="?", help="only this user's")
    finish.add_argument("conversation_id", nargs="?", help="only this one, whether or not it is listed")
    for action in (listing, finish):
        declare_limit(action, most=_MOST, default=100)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    return {"list": _list, "finish": _finish}[asked.action](asked)


def _list(asked: Namespace) -> Outcome:
    found = list_stuck(limit=asked.limit)
    rows = [{**asdict(each), "status": each.status.value} for each in found]
    return Outcome({"stuck": len(rows)}, rows=rows, code=LEFT if rows else DONE)


def _finish(asked: Namespace) -> Outcome:
    if asked.conversation_id is not None:
        if not (is_document_id(asked.uid) and is_document_id(asked.conversation_id)):
            raise NotFoundError("Conversation not found")
        wanted = [(asked.uid, asked.conversation_id)]
    else:
        if asked.uid is not None:
            everyone.require(uid=asked.uid)
        found = list_stuck(limit=asked.limit if asked.uid is None else _MOST)
        wanted = [(each.uid, each.conversation_id) for each in found if asked.uid in {None, each.uid}]
    moved = gone = 0
    for uid, conversation_id in wanted:
        try:
            moved += finish_stuck(uid=uid, conversation_id=conversation_id)
        except NotFoundError:
            if asked.conversation_id is not None:
                raise
            gone += 1
    return Outcome({"looked_at": len(wanted), "moved": moved, "left": len(wanted) - moved - gone})
