"""`operate data-keys`: the keys with which what users say is sealed at rest (docs/decisions/0026)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database import everyone, keys, wrapping
from common.users.protection import rotate_key
from operate.arguments import Actions, declare_parallel
from operate.outcome import Outcome
from operate.walking import Walk, told

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    rotate = actions.add("rotate", "make another key for a user; all they said is sealed anew, in the background")
    rotate.add_argument("uid")
    rewrap = actions.add("rewrap", "have users' keys wrapped by what the settings name now, KMS or a new secret")
    rewrap.add_argument("uid", nargs="?", help="one user's; all users' without")
    declare_parallel(rewrap)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    return {"rotate": _rotate, "rewrap": _rewrap}[asked.action](asked)


def _rotate(asked: Namespace) -> Outcome:
    uid = everyone.require(uid=asked.uid)
    protection = rotate_key(uid=uid)
    return Outcome({"uid": uid, "versions": len(keys.all_versions(uid=uid)), "started_at": protection.started_at})


def _rewrap(asked: Namespace) -> Outcome:
    wrapper = wrapping.current().name
    if asked.uid is not None:
        uid = everyone.require(uid=asked.uid)
        return Outcome({"uid": uid, **_of_user(uid)})
    return told(Walk("rewrap", _of_user, options={"wrapper": wrapper}, parallel=asked.parallel).go())


def _of_user(uid: str) -> dict[str, int]:
    return {"rewrapped": keys.rewrap(uid=uid)}
