"""`/v1/conversations`: finish, list, read, search, rename, reprocess, delete (CONTRACT section 3.1)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from common.conversations.edit import rename_conversation, reprocess_conversation
from common.conversations.finish import finish_conversation
from common.conversations.search import search_conversations
from common.core.errors import InvalidInputError
from common.database import conversations
from common.entry.api.identity import User
from common.models.base import Moment
from common.models.conversation import ConversationStatus

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])

LARGEST_PAGE = 500
LARGEST_OFFSET = 100_000


class FinishRequest(BaseModel):
    """Body of the stop button; what it may hold is ignored so far."""

    calendar_meeting_context: dict[str, Any] | None = None


class SearchRequest(BaseModel):
    """A question to the user's conversations."""

    query: str = Field(min_length=1, max_length=2000)
    page: int = Field(1, ge=1, le=1000)
    per_page: int = Field(10, ge=1, le=100)
    include_discarded: bool = True
    start_date: Moment | None = None
    end_date: Moment | None = None


@router.post("")
def finish(user: User, body: FinishRequest | None = None) -> dict[str, Any]:  # noqa: ARG001 - part of the contract
    """Close the conversation in progress and answer with what it became."""
    conversation = finish_conversation(uid=user)
    return {"conversation": conversation.to_wire(), "messages": []}


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
) -> list[dict[str, Any]]:
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
    return [conversation.to_wire(with_photos=False) for conversation in page]


@router.post("/search")
def search(user: User, body: SearchRequest) -> dict[str, Any]:
    """Conversations about something, best first."""
    hits = search_conversations(
        body.query,
        uid=user,
        include_discarded=body.include_discarded,
        since=body.start_date,
        until=body.end_date,
    )
    first = (body.page - 1) * body.per_page
    return {
        "items": [hit.conversation.to_wire(with_photos=False) for hit in hits[first : first + body.per_page]],
        "total_pages": -(-len(hits) // body.per_page),
        "current_page": body.page,
        "per_page": body.per_page,
    }


@router.get("/{conversation_id}")
def get(user: User, conversation_id: str) -> dict[str, Any]:
    """One conversation, with its whole transcript."""
    return conversations.get(uid=user, conversation_id=conversation_id).to_wire()


@router.patch("/{conversation_id}/title")
def rename(
    user: User, conversation_id: str, title: Annotated[str, Query(min_length=1, max_length=500)]
) -> dict[str, Any]:
    """Give it a title of the user's own."""
    renamed = rename_conversation(uid=user, conversation_id=conversation_id, title=title)
    return {"status": "Ok", "conversation": renamed.to_wire()}


@router.post("/{conversation_id}/reprocess")
def reprocess(user: User, conversation_id: str) -> dict[str, Any]:
    """Put it through the chain again; answers at once, while that is under way."""
    return reprocess_conversation(uid=user, conversation_id=conversation_id).to_wire()


@router.delete("/{conversation_id}", status_code=204, response_class=Response)
def delete(user: User, conversation_id: str) -> None:
    """Delete it and everything that hangs on it."""
    conversations.delete(uid=user, conversation_id=conversation_id)
