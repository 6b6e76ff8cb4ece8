"""`/v1/mcp/conversations`: a user's conversations for the user's language models (CONTRACT section 4.3)."""

from typing import Annotated

from fastapi import Query

from common.conversations.browse import check_filters
from common.conversations.showing import for_mcp, list_finished, open_for_mcp, search_finished
from common.entry.api.conversations.filters import LARGEST_PAGE, Offset, csv
from common.entry.api.identity import McpUser
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.conversation_views import McpConversation, McpFound, McpTranscript
from common.models.given import GivenEnd, GivenMoment
from common.models.structured import ConversationCategory

router = Router(prefix="/v1/mcp/conversations", tags=["mcp conversations"], responses=responses(401, 429))


@router.get("", responses=responses(400))
def list_newest(
    user: McpUser,
    *,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    offset: Offset = 0,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
    categories: Annotated[str | None, Query(description="Separated by commas")] = None,
) -> list[McpConversation]:
    """The newest completed conversations that were not discarded, without what was said."""
    found = list_finished(
        uid=user,
        limit=limit,
        offset=offset,
        since=start_date,
        until=end_date,
        categories=csv(categories, among=ConversationCategory, name="categories"),
    )
    return [for_mcp(conversation) for conversation in found]


@router.get("/search", responses=responses(400))
def search(
    user: McpUser,
    query: Annotated[str, Query(max_length=2000, examples=["the flat near the station"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
) -> list[McpFound]:
    """Conversations about something, best first, with what was said about it."""
    check_filters({"since": start_date, "until": end_date})
    return search_finished(query, uid=user, limit=limit, since=start_date, until=end_date)


@router.get("/{conversation_id}", responses=responses(402, 404))
def get(user: McpUser, conversation_id: str) -> McpTranscript:
    """One conversation, with what was said."""
    [conversation] = open_for_mcp(conversation_id, uid=user)
    return conversation
