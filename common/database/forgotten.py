"""Collection `users/{uid}/forgotten`: what a user has deleted of what was learned, so that it is not learned again.

What it said is not kept, only a digest of it, which segments had said it, and traces of its words that are too short
to tell what they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.core import clock
from common.core.ids import derived_id
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter
from common.models.base import Document, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Literal["memory", "action_item"]
_EVERYTHING = "everything"


class Forgotten(Document):
    """Something that is not to be learned again from what was said before."""

    id: str
    kind: Kind = "memory"
    conversation_id: str | None = None
    segment_ids: list[str] = Field(default_factory=list)
    traces: list[int] = Field(default_factory=list)
    """Twelve bits of each word: dozens of words have the same."""
    forgotten_at: Moment


def of(*, uid: str) -> Documents[Forgotten]:
    """What a user has forgotten."""
    return Documents("users", uid, "forgotten", model=Forgotten, noun="Forgotten thing")


def forgotten_id(kind: Kind, meant: str) -> str:
    """The id of the note about what `meant` is a digest of."""
    return derived_id("forgotten", kind, meant)


def note(
    kind: Kind, meant: str, *, conversation_id: str | None, segment_ids: Sequence[str] = (), traces: Iterable[int] = ()
) -> Forgotten:
    """A note to be stored."""
    return Forgotten(
        id=forgotten_id(kind, meant),
        kind=kind,
        conversation_id=conversation_id,
        segment_ids=list(segment_ids),
        traces=sorted(traces),
        forgotten_at=clock.now(),
    )


def put(notes: Iterable[Forgotten], *, uid: str) -> None:
    """Store notes."""
    of(uid=uid).put(*notes)


def put_everything(*, uid: str) -> None:
    """Note that whatever was known is to be forgotten."""
    of(uid=uid).put(Forgotten(id=_EVERYTHING, forgotten_at=clock.now()))


def find_everything(*, uid: str) -> Forgotten | None:
    """The note that everything was."""
    return of(uid=uid).find(_EVERYTHING)


def list_of_conversation(conversation_id: str, *, uid: str) -> list[Forgotten]:
    """What was learned from a conversation and forgotten."""
    store = of(uid=uid)
    query = store.collection.where(filter=field_filter("conversation_id", "==", conversation_id)).limit(LIST_LIMIT)
    return store.stream(query)
