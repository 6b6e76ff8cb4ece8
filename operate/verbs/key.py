"""`operate key`: the keys of a user's programs. A new one is printed once, and stored nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.accounts.keys import create_key
from common.core.errors import ConflictError, InvalidInputError
from common.database import api_keys, everyone
from common.database.account_deletions import under_way
from common.database.api_keys import KeyKind
from common.models.api_key import READ_ONLY, Scope
from operate.arguments import Actions
from operate.asking import confirm, declare_yes
from operate.outcome import Outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_KINDS = {"developer": KeyKind.DEVELOPER, "mcp": KeyKind.MCP}
_LONGEST_NAME = 100


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    create = actions.add("create", "make a key and print it")
    listing = actions.add("list", "what keys there are, and never the keys")
    revoke = actions.add("revoke", "refuse a key from now on")
    for action in (create, listing, revoke):
        action.add_argument("uid", help="whose")
    revoke.add_argument("key_id", help="as `key list` prints it")
    for action in (create, revoke):
        action.add_argument("--kind", choices=_KINDS, default="developer", help="default: developer")
    create.add_argument("--name", required=True, help="what its owner calls it")
    create.add_argument(
        "--scope",
        action="append",
        choices=[scope.value for scope in Scope],
        help="what a developer key may do; may be repeated (default: read everything)",
    )
    declare_yes(revoke)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    return {"create": _create, "list": _list, "revoke": _revoke}[asked.action](asked)


def _create(asked: Namespace) -> Outcome:
    kind, name = _KINDS[asked.kind], asked.name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise InvalidInputError(f"A key's name has 1 to {_LONGEST_NAME} characters")
    if kind is KeyKind.MCP and asked.scope:
        raise InvalidInputError("Scopes are for developer keys; an MCP key may use every tool")
    uid = everyone.require(uid=asked.uid)
    if under_way(uid):
        raise ConflictError("Everything of this user is being deleted")
    scopes = [Scope(scope) for scope in dict.fromkeys(asked.scope)] if asked.scope else None
    key = create_key(kind, uid=uid, name=name, scopes=scopes)
    facts = {"uid": uid, "key_id": key.id, "kind": asked.kind}
    if kind is KeyKind.DEVELOPER:
        facts["scopes"] = [scope.value for scope in scopes or READ_ONLY]
    return Outcome({**facts, "key": key.key})


def _list(asked: Namespace) -> Outcome:
    uid = everyone.require(uid=asked.uid)
    rows = [
        {
            "key_id": key.id,
            "kind": name,
            "begins": key.key_prefix,
            "scopes": key.scopes if name == "developer" else None,
            "created_at": key.created_at,
            "last_used_at": key.last_used_at,
        }
        for name, kind in _KINDS.items()
        for key in api_keys.list_of_user(kind, uid=uid)
    ]
    return Outcome({"uid": uid, "keys": len(rows)}, rows=rows)


def _revoke(asked: Namespace) -> Outcome:
    kind = _KINDS[asked.kind]
    everyone.require(uid=asked.uid)
    api_keys.of(kind).get(asked.key_id)
    confirm(f"Refuse the {asked.kind} key {asked.key_id} of {asked.uid} from now on", word="revoke", asked=asked)
    api_keys.revoke(kind, key_id=asked.key_id, uid=asked.uid)
    return Outcome({"uid": asked.uid, "key_id": asked.key_id, "revoked": 1})
