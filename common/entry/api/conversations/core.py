"""`/v1/conversations`: finish, list, count, read, delete (CONTRACT section 3.1)."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field, computed_field

from common.conversations.browse import count_conversations, list_conversations, open_conversation
from common.conversations.delete import delete_conversation
from common.conversations.finish import finish_conversation
from common.database.conversations import PAGE_SEGMENTS
from common.database.whole_conversations import Room
from common.entry.api.conversations.filters import LARGEST_PAGE, Filters, Offset
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.calendar_meeting import CalendarMeeting
from common.models.conversation import ConversationView

router = Router(prefix="/v1/conversations", tags=["conversations"], responses=responses(401))


class FinishRequest(Shape):
    """Body of the stop button."""

    calendar_meeting_context: CalendarMeeting | None = None


class Finished(Shape):
    """What became of the conversation, and what apps had to say about it."""

    conversation: ConversationView
    messages: list[dict[str, Any]] = Field(default_factory=list)

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def memory(self) -> ConversationView:
        """Mirror of `conversation` for clients that still say memory."""
        return self.conversation


class Count(Shape):
    """How many."""

    count: int


@router.post("", responses=responses(404))
def finish(user: User, body: FinishRequest | None = None) -> Finished:
    """Close the conversation in progress and answer with what it became."""
    meeting = body.calendar_meeting_context if body is not None else None
    return Finished(conversation=finish_conversation(uid=user, meeting=meeting))


@router.get("", responses=responses(400))
def list_newest(
    user: User,
    filters: Filters,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    offset: Offset = 0,
) -> list[ConversationView]:
    """The newest conversations, without photos; transcripts up to 10,000 segments together, the rest one by one.

    Where transcripts are left out, the header `X-Omi-List-Truncated` says so.
    """
    room = Room(PAGE_SEGMENTS)
    found = list_conversations(uid=user, limit=limit, offset=offset, room=room, **filters)
    if room.left_out:
        response.headers["X-Omi-List-Truncated"] = "true"
    return [*found]


@router.get("/count", responses=responses(400))
def count(user: User, filters: Filters) -> Count:
    """How many conversations a list would show, page by page."""
    return Count(count=count_conversations(uid=user, **filters))


@router.get("/{conversation_id}", responses=responses(402, 404))
def get(user: User, conversation_id: str) -> ConversationView:
    """One conversation, with its whole transcript and its photos."""
    return open_conversation(uid=user, conversation_id=conversation_id)


@router.delete("/{conversation_id}", status_code=204, response_class=Response, responses=responses(404))
def delete(user: User, conversation_id: str, *, cascade: bool = False) -> None:
    """Delete it and everything that hangs on it; with `cascade` also what was learned from it."""
    delete_conversation(uid=user, conversation_id=conversation_id, cascade=cascade)
