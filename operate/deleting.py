"""What was deleted, as lines of the log tell it: a database that was brought back does not know it any more.

Lines are as functions write them, one JSON object each, or as `gcloud logging read --format=json` prints them.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from common.accounts.deletion import request_deletion
from common.action_items.edit import delete_action_item
from common.conversations.delete import delete_conversation
from common.core.errors import NotFoundError
from common.core.ids import digest, is_document_id
from common.database import action_items, everyone, memories
from common.database.account_deletions import asked_for_since
from common.database.conversation_outlines import find_outlines
from common.memories.edit import delete_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["user", "conversation", "memory", "action item"]
NOT_THERE = "not there"
_INDEXED: Mapping[str, Kind] = {"index_memory": "memory", "index_action_item": "action item"}


@dataclass(frozen=True)
class Deleted:
    """Something of a user, who stands in the log as a hash; with `cascade`, what was learned from it went too.

    `at` is when it was told of first: whatever has been made since, under the same id, is something else.
    """

    kind: Kind
    user: str
    at: datetime = field(compare=False)
    id: str = ""
    cascade: bool = False


def told(text: str, *, since: datetime) -> list[Deleted]:
    """What these lines say was deleted from a moment on, each once, users first."""
    found = (each for entry in _entries(text) if (each := _read(entry)) is not None and each.at >= since)
    first = dict.fromkeys(sorted(found, key=lambda each: each.at))
    return sorted(first, key=lambda each: each.kind != "user")


def owners(deleted: list[Deleted]) -> dict[str, str]:
    """The uids of those of the users who are there, by their hashes."""
    wanted = {each.user for each in deleted}
    return {hashed: uid for uid in everyone.uids() if (hashed := digest(uid)) in wanted}


def is_there(deleted: Deleted, *, uid: str) -> bool:
    """Whether it can be found; a user, unless they were deleted again, who may have come back since."""
    match deleted.kind:
        case "user":
            return everyone.is_known(uid=uid) and not asked_for_since(deleted.at, uid=uid)
        case "conversation":
            outlines = find_outlines(uid=uid, conversation_ids=[deleted.id])
            return deleted.id in outlines and outlines[deleted.id].created_at < deleted.at
        case "memory":
            memory = memories.of(uid=uid).find(deleted.id)
            return memory is not None and memory.created_at < deleted.at
        case "action item":
            item = action_items.of(uid=uid).find(deleted.id)
            return item is not None and item.created_at < deleted.at


def delete_again(deleted: Deleted, *, uid: str) -> str:
    """Delete it as its owner would; says in a word what came of it."""
    if deleted.kind == "user":
        return request_deletion(uid=uid).state.value
    try:
        match deleted.kind:
            case "conversation":
                delete_conversation(uid=uid, conversation_id=deleted.id, cascade=deleted.cascade)
            case "memory":
                delete_memory(uid=uid, memory_id=deleted.id)
            case "action item":
                delete_action_item(uid=uid, action_item_id=deleted.id)
    except NotFoundError:
        return NOT_THERE
    return "deleted"


def _entries(text: str) -> Iterator[Mapping[str, Any]]:
    """Every object of an array, or of lines; what is none of ours is passed over."""
    with suppress(ValueError):
        if isinstance(whole := json.loads(text), list):
            yield from (each for each in whole if isinstance(each, dict))
            return
    for line in text.splitlines():
        with suppress(ValueError):
            if isinstance(each := json.loads(line), dict):
                yield each


def _read(entry: Mapping[str, Any]) -> Deleted | None:
    said, at = entry.get("jsonPayload", entry), _moment(entry)
    if not isinstance(said, dict):
        return None
    match said:
        case {"message": "account_deletion", "user": str(user)}:
            return Deleted("user", user, at)
        case {"message": "conversation_purged", "user": str(user), "conversation_id": str(id_)} if is_document_id(id_):
            # What was merged lives on in another, which the database does not know either.
            cascade = bool(said.get("cascade"))
            return None if said.get("merged") else Deleted("conversation", user, at, id_, cascade=cascade)
        case {"message": "indexed", "gone": True, "user": str(user), "step": str(step), "document_id": str(id_)} if (
            step in _INDEXED and is_document_id(id_)
        ):
            return Deleted(_INDEXED[step], user, at, id_)
    return None


def _moment(entry: Mapping[str, Any]) -> datetime:
    """When it was written; what does not say so is never looked at."""
    try:
        moment = datetime.fromisoformat(str(entry.get("timestamp") or entry.get("time")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
