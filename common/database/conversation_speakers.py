"""Who speaks in a user's conversations: found by without reading what is said, which is most of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.database import transcripts
from common.database.clients import firestore_client
from common.database.conversations import collection, reference
from common.database.firestore import DESCENDING, field_filter, transactional
from common.database.pages import read_page
from common.database.snapshots import fields_of
from common.database.whole_conversations import decode, with_owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from google.cloud.firestore import Query, Transaction

    from common.models.conversation import Conversation

_WORDLESS = (
    "id",
    "status",
    "discarded",
    "deleted",
    "is_locked",
    "created_at",
    "started_at",
    "structured",
    "external_data",
    transcripts.SPEAKERS,
)
_PAGE = 300


def list_spoken_in(
    speaker_ids: Sequence[str],
    *,
    uid: str,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    offset: int = 0,
) -> list[Conversation]:
    """Those in which one of these speaks, without their words; the newest first.

    The newest are those created last or, where times are given, begun last.

    Args:
        speaker_ids: MOST_IN_A_FILTER at most; see `Conversation.speaker_ids`.
        uid: the owner.
        limit: conversations at most.
        since: begun then or later.
        until: begun then or earlier.
        offset: conversations passed over.
    """
    within = collection(uid=uid)
    order = "created_at" if since is None and until is None else "started_at"
    query: Query = within.where(filter=field_filter(transcripts.SPEAKERS, "array_contains_any", list(speaker_ids)))
    for operator, moment in ((">=", since), ("<=", until)):
        if moment is not None:
            query = query.where(filter=field_filter(order, operator, moment))
    query = query.order_by(order, direction=DESCENDING).select(_WORDLESS)
    named = f"{uid} spoken in by {sorted(speaker_ids)} {since} {until}"
    return [each for _, each in with_owner(read_page(query, within=within, limit=limit, offset=offset, of=named))]


def find_wordless(conversation_ids: Sequence[str], *, uid: str) -> list[Conversation]:
    """Those of `conversation_ids` that exist, in that order, without their words."""
    references = [reference(uid=uid, conversation_id=each) for each in dict.fromkeys(conversation_ids)]
    if not references:
        return []
    existing = (each for each in firestore_client().get_all(references, field_paths=_WORDLESS) if each.exists)
    found = {conversation.id: conversation for _, conversation in with_owner(existing)}
    return [found[each] for each in conversation_ids if each in found]


def unsaid(*, uid: str) -> Iterator[str]:
    """The ids of those that do not say who speaks in them: an older version stored them."""
    query = collection(uid=uid).order_by("__name__").select([transcripts.SPEAKERS]).limit(_PAGE)
    page = list(query.stream())
    while page:
        yield from (each.id for each in page if fields_of(each).get(transcripts.SPEAKERS) is None)
        page = list(query.start_after(page[-1]).stream())


def say(conversation_id: str, *, uid: str) -> None:
    """Have a conversation say who speaks in it; one that is gone needs not."""
    target = reference(uid=uid, conversation_id=conversation_id)

    @transactional
    def apply(transaction: Transaction) -> None:
        conversation = decode(target.get(transaction=transaction), transaction)
        if conversation is not None and conversation.speaker_ids is None:
            transaction.update(target, {transcripts.SPEAKERS: transcripts.speakers(conversation)})

    apply(firestore_client().transaction())
