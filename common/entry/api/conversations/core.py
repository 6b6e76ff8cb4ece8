"""`/v1/conversations`: finish, list, read, search, rename, reprocess, delete (CONTRACT section 3.1)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from common.conversations.edit import reprocess_conversation
from common.conversations.finish import finish_conversation
from common.conversations.search import search_conversations
from common.core.errors import InvalidInputError
from common.database import conversations
from common.entry.api.identity import User
from common.entry.api.schemas import responses
from common.models.base import Moment
from common.models.conversation import ConversationStatus, ConversationView

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], responses=responses(401, 404))

LARGEST_PAGE = 500
LARGEST_OFFSET = 100_000


class FinishRequest(BaseModel):
    """Body of the stop button; what it may hold is ignored so far."""

    calendar_meeting_context: dict[str, Any] | None = None


class Finished(BaseModel):
    """What became of the conversation, and what apps had to say about it."""

    conversation: ConversationView
    messages: list[dict[str, Any]] = Field(default_factory=list)


class SearchRequest(BaseModel):
    """A question to the user's conversations."""

    query: str = Field(min_length=1, max_length=2000, examples=["the flat near the station"])
    page: int = Field(1, ge=1, le=1000)
    per_page: int = Field(10, ge=1, le=100)
    include_discarded: bool = True
    start_date: Moment | None = None
    end_date: Moment | None = None


class SearchPage(BaseModel):
    """Hits, best first."""

    items: list[ConversationView]
    total_pages: int
    current_page: int
    per_page: int


@router.post("")
def finish(user: User, body: FinishRequest | None = None) -> Finished:  # noqa: ARG001 - part of the contract
    """Close the conversation in progress and answer with what it became."""
    return Finished(conversation=finish_conversation(uid=user))


@router.get("")
def list_newest(
    user: User,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET)] = 0,
    statuses: str = "processing,completed",
    *,
    include_discarded: bool = True,
    start_date: Moment | None = None,
    end_date: Moment | None = None,
) -> list[ConversationView]:
    """The newest conversations, without photos."""
    wanted = [status.strip() for status in statuses.split(",") if status.strip()]
    unknown = set(wanted) - set(ConversationStatus)
    if unknown:
        raise InvalidInputError("statuses holds something that is no status")
    if start_date and end_date and start_date > end_date:
        raise InvalidInputError("start_date lies after end_date")
    page = conversations.list_newest(
        uid=user,
        limit=limit,
        offset=offset,
        statuses=wanted,
        include_discarded=include_discarded,
        since=start_date,
        until=end_date,
    )
    return [conversation.without_photos() for conversation in page]


@router.post("/search")
def search(user: User, body: SearchRequest) -> SearchPage:
    """Conversations about something, best first."""
    hits = search_conversations(
        body.query,
        uid=user,
        include_discarded=body.include_discarded,
        since=body.start_date,
        until=body.end_date,
    )
    first = (body.page - 1) * body.per_page
    return SearchPage(
        items=[hit.conversation.without_photos() for hit in hits[first : first + body.per_page]],
        total_pages=-(-len(hits) // body.per_page),
        current_page=body.page,
        per_page=body.per_page,
    )


@router.get("/{conversation_id}")
def get(user: User, conversation_id: str) -> ConversationView:
    """One conversation, with its whole transcript."""
    return conversations.get(uid=user, conversation_id=conversation_id)


@router.post("/{conversation_id}/reprocess", responses=responses(409))
def reprocess(user: User, conversation_id: str) -> ConversationView:
    """Put it through the chain again; answers at once, while that is under way."""
    return reprocess_conversation(uid=user, conversation_id=conversation_id)


@router.delete("/{conversation_id}", status_code=204, response_class=Response)
def delete(user: User, conversation_id: str) -> None:
    """Delete it and everything that hangs on it."""
    conversations.delete(uid=user, conversation_id=conversation_id)
