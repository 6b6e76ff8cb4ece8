"""Conversations as programs of their owner get them: named speakers, and only what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.conversations.browse import list_conversations, open_conversation
from common.conversations.edit import refuse_locked
from common.conversations.search import MOST_OF_ONE, search_conversations
from common.conversations.speakers import load_names
from common.core.errors import NotFoundError
from common.database import conversations, folders
from common.database.conversations import PAGE_SEGMENTS
from common.database.whole_conversations import Room
from common.models.conversation import Conversation, ConversationStatus
from common.models.conversation_views import (
    DeveloperConversation,
    DeveloperSegment,
    McpConversation,
    McpFound,
    McpTranscript,
    NamedSegment,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Unpack

    from common.database.conversation_queries import Wanted


_UNFIT = 10
"""Hits looked at besides those that are wanted, of which some may be unfinished or locked."""


def list_finished(*, uid: str, limit: int, offset: int, **wanted: Unpack[Wanted]) -> list[Conversation]:
    """The newest that are completed and were kept; those made without credit are left out of the page.

    Raises:
        BadRequestError: the filters make no sense together.
    """
    asked: Wanted = {**wanted, "statuses": [ConversationStatus.COMPLETED], "include_discarded": False}
    page = list_conversations(uid=uid, limit=limit, offset=offset, **asked)
    return [conversation for conversation in page if not conversation.is_locked]


def search_finished(
    query: str, *, uid: str, limit: int, since: datetime | None, until: datetime | None
) -> list[McpFound]:
    """Completed ones that were kept, best first, as a language model gets them.

    Raises:
        ProviderError: the query could not be embedded.
    """
    hits = search_conversations(query, uid=uid, limit=limit + _UNFIT, include_discarded=False, since=since, until=until)
    return [
        McpFound.model_validate({**_summary(hit.conversation), "passages": hit.passages[:MOST_OF_ONE]})
        for hit in hits
        if hit.conversation.status is ConversationStatus.COMPLETED and not hit.conversation.is_locked
    ][:limit]


def for_developer(
    found: Sequence[Conversation], *, uid: str, with_transcript: bool = False
) -> list[DeveloperConversation]:
    """As the developer API shows them, with transcripts as far as they fit into a page."""
    if with_transcript:
        found = conversations.with_transcripts(found, uid=uid, room=Room(PAGE_SEGMENTS))
        names = load_names(found, uid=uid)
    named = {conversation.folder_id for conversation in found if conversation.folder_id}
    titles = {folder.id: folder.name for folder in folders.of(uid=uid).find_many(sorted(named))}
    return [
        DeveloperConversation(
            **{name: getattr(conversation, name) for name in _SAME},
            folder_name=titles.get(conversation.folder_id or ""),
            transcript_segments=names.segments(conversation, as_=DeveloperSegment) if with_transcript else None,
        )
        for conversation in found
    ]


def open_for_developer(*, uid: str, conversation_id: str, with_transcript: bool) -> DeveloperConversation:
    """One, as the developer API shows it.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    conversation = open_conversation(uid=uid, conversation_id=conversation_id)
    [shown] = for_developer([conversation], uid=uid, with_transcript=with_transcript)
    return shown


def for_mcp(conversation: Conversation) -> McpConversation:
    """As a language model gets it in a list."""
    return McpConversation.model_validate(_summary(conversation))


def open_for_mcp(*conversation_ids: str, uid: str) -> list[McpTranscript]:
    """Each of them once, with what was said; all of them in one read.

    Raises:
        NotFoundError: one of them does not exist.
        LockedError: one was made without credit.
    """
    wanted = list(dict.fromkeys(conversation_ids))
    found = conversations.find_many(uid=uid, conversation_ids=wanted)
    if len(found) < len(wanted):
        raise NotFoundError("Conversation not found")
    for conversation in found:
        refuse_locked(conversation)
    whole = conversations.with_transcripts(found, uid=uid)
    names = load_names(whole, uid=uid)
    return [
        McpTranscript.model_validate({**_summary(each), "transcript_segments": names.segments(each, as_=NamedSegment)})
        for each in whole
    ]


_SAME = frozenset(DeveloperConversation.model_fields) - {"folder_name", "transcript_segments"}


def _summary(conversation: Conversation) -> dict[str, object]:
    return {
        "id": conversation.id,
        "started_at": conversation.started_at,
        "finished_at": conversation.finished_at,
        "structured": conversation.structured.model_dump(include={"title", "overview", "category"}),
        "language": conversation.language,
    }
