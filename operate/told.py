"""What was deleted, as lines of the log tell it: a database that was brought back does not know it any more.

Lines are as functions write them, one JSON object each, or as `gcloud logging read --format=json` prints them.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.core.deletions import Deletion
from common.core.errors import InvalidInputError
from common.core.ids import is_document_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

USER, CONVERSATION, MEMORY, ACTION_ITEM = "user", "conversation", "memory", "action item"
"""Kinds that are told of by the steps that follow them; the others are `Deletion`s."""
_INDEXED = {"index_memory": MEMORY, "index_action_item": ACTION_ITEM}
_KINDS = frozenset(kind.value for kind in Deletion)


@dataclass(frozen=True)
class Deleted:
    """Something of a user, who stands in the log as a hash.

    `at` is when it was told of first: whatever has been made since, under the same id, is something else.
    With `cascade`, what was learned from it went too; `app_id`: of which app; `moved_to`: where went what it held.
    """

    kind: str
    user: str
    at: datetime = field(compare=False)
    id: str = ""
    cascade: bool = False
    app_id: str = ""
    moved_to: str = ""


def told(texts: Iterable[str], *, since: datetime) -> list[Deleted]:
    """What these files say was deleted from a moment on, each once, users first.

    Raises:
        InvalidInputError: one of them holds no lines of a log, which is not the same as none.
    """
    entries = (entry for text in texts for entry in _entries(text))
    found = (each for entry in entries if (each := _read(entry)) is not None and each.at >= since)
    first = dict.fromkeys(sorted(found, key=lambda each: each.at))
    return sorted(first, key=lambda each: each.kind != USER)


def _entries(text: str) -> list[Mapping[str, Any]]:
    """Every object of an array, or of lines; what is none of ours is passed over."""
    with suppress(ValueError):
        if isinstance(whole := json.loads(text), list):
            return [each for each in whole if isinstance(each, dict)]
    found: list[Mapping[str, Any]] = []
    for line in text.splitlines():
        with suppress(ValueError):
            if isinstance(each := json.loads(line), dict):
                found.append(each)
    if not found:
        raise InvalidInputError("A file is empty, was cut off or holds no lines of the log in JSON")
    return found


def _read(entry: Mapping[str, Any]) -> Deleted | None:
    said, at = entry.get("jsonPayload", entry), _moment(entry)
    if not isinstance(said, dict):
        return None
    match said:
        case {"message": "account_deletion", "user": str(user)}:
            return Deleted(USER, user, at)
        case {"message": "conversation_purged", "user": str(user), "conversation_id": str(id_)} if is_document_id(id_):
            # What was merged lives on in another, which the database does not know either.
            cascade = bool(said.get("cascade"))
            return None if said.get("merged") else Deleted(CONVERSATION, user, at, id_, cascade=cascade)
        case {"message": "indexed", "gone": True, "user": str(user), "step": str(step), "document_id": str(id_)} if (
            step in _INDEXED and is_document_id(id_)
        ):
            return Deleted(_INDEXED[step], user, at, id_)
        case {"message": "deleted", "kind": str(kind), "user": str(user), "document_id": str(id_)} if kind in _KINDS:
            app_id, moved_to = (str(said.get(name) or "") for name in ("app_id", "moved_to"))
            deleted = Deleted(kind, user, at, id_, app_id=app_id, moved_to=moved_to)
            return deleted if _is_whole(deleted) else None
    return None


def _is_whole(deleted: Deleted) -> bool:
    """Whether it says which: a chat that is no session's has no id, a key of an app belongs to one."""
    if deleted.kind == Deletion.APP_KEY and not is_document_id(deleted.app_id):
        return False
    return is_document_id(deleted.id) or (deleted.kind == Deletion.CHAT and not deleted.id)


def _moment(entry: Mapping[str, Any]) -> datetime:
    """When it was written; what does not say so is never looked at."""
    try:
        moment = datetime.fromisoformat(str(entry.get("timestamp") or entry.get("time")))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
