"""`operate user`: list, create, show, export and delete users. Who may sign in, whoever signs their tokens decides."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.accounts.deletion import request_deletion
from common.accounts.export import export_account
from common.core.errors import ConflictError, InvalidInputError, MisconfiguredError, ProviderError
from common.core.ids import is_document_id
from common.core.time_zones import is_time_zone
from common.database import account, everyone, keys, users
from common.database.account_deletions import DELETIONS, under_way
from common.database.account_part import PORTION
from common.models.account_deletion import DeletionState
from operate.arguments import Actions, declare_limit
from operate.asking import confirm, declare_yes
from operate.outcome import DONE, LEFT, Outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_OWNER_ONLY = 0o600
_LONGEST_UID = 128


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    listing = actions.add("list", "the ids of users, in their order")
    listing.add_argument("--after", metavar="UID", help="those that follow this one")
    declare_limit(listing, most=10_000, default=100)
    create = actions.add("create", "make a user's document; of one who is there, set what is named")
    create.add_argument("uid", help="the `sub` of their ID tokens")
    create.add_argument("--name", help="what they are called")
    create.add_argument("--language", metavar="CODE", help="what they speak: en, de, …")
    create.add_argument("--time-zone", metavar="ZONE", help="where they live: Europe/Berlin, …")
    show = actions.add("show", "what is set, and how much there is of everything")
    show.add_argument("uid")
    export = actions.add("export", "everything stored for a user, as JSON, into a file that only you may read")
    export.add_argument("uid")
    export.add_argument("--to", type=Path, required=True, metavar="FILE")
    delete = actions.add("delete", "delete everything of a user, for good")
    delete.add_argument("uid")
    declare_yes(delete)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    return {"list": _list, "create": _create, "show": _show, "export": _export, "delete": _delete}[asked.action](asked)


def _list(asked: Namespace) -> Outcome:
    found = list(islice(everyone.uids(after=asked.after), asked.limit))
    return Outcome(rows=[{"uid": uid} for uid in found], facts={"users": len(found)})


def _create(asked: Namespace) -> Outcome:
    uid = asked.uid
    if not is_document_id(uid) or len(uid) > _LONGEST_UID:
        raise InvalidInputError("No user can have this id")
    if under_way(uid):
        raise ConflictError("Everything of this user is being deleted")
    if asked.time_zone is not None and not is_time_zone(asked.time_zone):
        raise InvalidInputError(f"{asked.time_zone} is no time zone")
    named = {name: getattr(asked, name) for name in ("name", "language", "time_zone")}
    wanted: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    known = everyone.is_known(uid=uid)
    if wanted or not known:
        users.change(uid=uid, **(wanted or {"name": ""}))
    return Outcome({"uid": uid, "created": not known, "set": sorted(wanted)})


def _show(asked: Namespace) -> Outcome:
    uid = everyone.require(uid=asked.uid)
    known = users.find(uid=uid)
    deletion = DELETIONS.find(uid)
    counts = {part.name: part.count(uid) for part in account.parts()}
    return Outcome(
        {
            "uid": uid,
            "language": known.language,
            "time_zone": known.time_zone,
            "data_protection_level": known.data_protection_level,
            "speech_profile_at": known.speech_profile_at,
            "deletion": deletion.state.value if deletion is not None else None,
            "stored": {name: _amount(count) for name, count in counts.items() if count},
        }
    )


def _amount(count: int) -> int | str:
    return f"{PORTION} or more" if count >= PORTION else count


def _export(asked: Namespace) -> Outcome:
    uid, target = everyone.require(uid=asked.uid), asked.to
    if target.exists():
        raise ConflictError(f"{target} is there already")
    part = target.with_name(f"{target.name}.part")
    with suppress(FileNotFoundError):
        part.unlink()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w", encoding="utf-8") as file:
            for piece in export_account(uid=uid):
                file.write(piece)
        part.rename(target)
    except OSError as error:
        raise InvalidInputError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    facts = {"uid": uid, "file": str(target), "bytes": target.stat().st_size}
    if _opens(uid):
        return Outcome(facts)
    says = "what is sealed is only named in it, its key cannot be had here: DATA_KEY_SECRET or KMS_KEY of this shell"
    return Outcome({**facts, "says": says}, code=LEFT)


def _opens(uid: str) -> bool:
    """Whether whatever a user has sealed can be read here."""
    try:
        keys.all_versions(uid=uid)
    except (ProviderError, MisconfiguredError):
        return False
    return True


def _delete(asked: Namespace) -> Outcome:
    uid = asked.uid
    begun = DELETIONS.find(uid) if is_document_id(uid) else None
    if begun is None:
        everyone.require(uid=uid)
    confirm(f"Delete everything of the user {uid}", word=uid, asked=asked)
    deletion = request_deletion(uid=uid)
    facts = {"uid": uid, "state": deletion.state.value, "deleted": deletion.deleted, "left": deletion.left}
    # What still runs goes on by itself; the same command says how far it is.
    return Outcome(facts, code=LEFT if deletion.state is DeletionState.RUNNING else DONE)
