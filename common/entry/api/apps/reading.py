"""`/v2/integrations/{app_id}`: an app reads and searches a user's conversations (CONTRACT section 4.5)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import computed_field

from common.apps import kinds
from common.conversations.browse import check_filters, list_conversations, truncated
from common.conversations.search import MOST_OF_ONE, find_page
from common.database import conversations
from common.database.conversation_queries import Wanted
from common.database.conversations import LIST_LIMIT, PAGE_SEGMENTS
from common.database.whole_conversations import Room
from common.entry.api.apps.identity import AppFor, Caller
from common.entry.api.apps.integration import Limit, Offset
from common.entry.api.conversations.filters import csv
from common.entry.api.conversations.searching import SearchRequest, filters
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.conversation import Conversation, ConversationStatus, ConversationView
from common.models.conversation_views import FoundConversation
from common.models.given import GivenEnd, GivenMoment

router = Router(prefix="/v2/integrations/{app_id}", tags=["integrations"], responses=responses(400, 401, 403, 404, 429))

ALL_SEGMENTS = -1
MostSegments = Annotated[int, Query(ge=ALL_SEGMENTS, le=100_000, description="Of each transcript; -1 for all")]


class Conversations(Shape):
    """The user's conversations."""

    conversations: list[ConversationView]


class ConversationsFound(Shape):
    """Hits, best first."""

    conversations: list[FoundConversation]
    total_pages: int
    current_page: int
    per_page: int

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def items(self) -> list[FoundConversation]:
        """Mirror of `conversations`, as the app's own search calls it."""
        return self.conversations


@router.get("/conversations")
def list_newest(
    caller: Annotated[Caller, AppFor(kinds.READ_CONVERSATIONS)],
    *,
    limit: Limit = 100,
    offset: Offset = 0,
    include_discarded: bool = False,
    statuses: Annotated[list[str] | None, Query(max_length=20, description="Repeated, or with commas")] = None,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
    max_transcript_segments: MostSegments = 100,
) -> Conversations:
    """The user's newest conversations, by default those that are finished; the filters hold on every page."""
    wanted = csv(",".join(statuses or ()), among=ConversationStatus, name="statuses")
    filters = Wanted(
        statuses=wanted or [ConversationStatus.PROCESSING, ConversationStatus.COMPLETED],
        include_discarded=include_discarded,
        since=start_date,
        until=end_date,
    )
    room = _room(max_transcript_segments)
    found: list[Conversation] = []
    for at in range(0, limit, LIST_LIMIT):
        size = min(LIST_LIMIT, limit - at)
        found += list_conversations(uid=caller.uid, limit=size, offset=offset + at, room=room, **filters)
        if len(found) < at + size:
            break
    return Conversations(conversations=_with_segments(found, max_transcript_segments, uid=caller.uid))


@router.post("/search/conversations")
def search(
    caller: Annotated[Caller, AppFor(kinds.READ_CONVERSATIONS)],
    body: SearchRequest,
    max_transcript_segments: MostSegments = 100,
) -> ConversationsFound:
    """The user's conversations about something, best first."""
    check_filters({"since": body.start_date, "until": body.end_date})
    page = find_page(
        body.query, uid=caller.uid, limit=body.per_page, offset=(body.page - 1) * body.per_page, **filters(body)
    )
    passages = {hit.conversation.id: hit for hit in page.hits}
    shown = _with_segments([hit.conversation for hit in page.hits], max_transcript_segments, uid=caller.uid)
    return ConversationsFound(
        conversations=[
            FoundConversation.of(each, score=passages[each.id].score, passages=passages[each.id].passages[:MOST_OF_ONE])
            for each in shown
        ],
        total_pages=-(-page.total // body.per_page),
        current_page=body.page,
        per_page=body.per_page,
    )


def _with_segments(found: Sequence[Conversation], most: int, *, uid: str) -> list[ConversationView]:
    """The conversations with the beginning of their transcripts; long ones are read whole only where that is wanted."""
    room = _room(most)
    whole = conversations.with_transcripts(found, uid=uid, room=room) if most else found
    return [truncated(room.cut(each)).without_photos() for each in whole]


def _room(most: int) -> Room:
    return Room(PAGE_SEGMENTS, of_each=None if most == ALL_SEGMENTS else most)
