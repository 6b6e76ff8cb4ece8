"""`/v1/conversations/search` (CONTRACT sections 2.2 and 3.1)."""

from pydantic import BaseModel, Field, StrictBool

from common.conversations.browse import check_filters
from common.conversations.search import search_conversations
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.conversation import ConversationView
from common.models.given import GivenInt, GivenMoment

router = Router(prefix="/v1/conversations", tags=["conversations"], responses=responses(400, 401))


class SearchRequest(BaseModel):
    """A question to the user's conversations; without one, the newest are meant."""

    query: str = Field("", max_length=2000, examples=["the flat near the station"])
    page: GivenInt = Field(1, ge=1, le=1000)
    per_page: GivenInt = Field(10, ge=1, le=100)
    include_discarded: StrictBool = True
    start_date: GivenMoment | None = None
    end_date: GivenMoment | None = None
    speaker_id: str | None = Field(
        None, max_length=1500, description="The id of a person who must speak in it; `user` is the owner"
    )


class SearchPage(BaseModel):
    """Hits, best first."""

    items: list[ConversationView]
    total_pages: int
    current_page: int
    per_page: int


@router.post("/search")
def search(user: User, body: SearchRequest) -> SearchPage:
    """Conversations about something, best first."""
    check_filters({"since": body.start_date, "until": body.end_date})
    hits = search_conversations(
        body.query,
        uid=user,
        include_discarded=body.include_discarded,
        since=body.start_date,
        until=body.end_date,
        person_id=body.speaker_id,
    )
    first = (body.page - 1) * body.per_page
    return SearchPage(
        items=[hit.conversation.without_photos() for hit in hits[first : first + body.per_page]],
        total_pages=-(-len(hits) // body.per_page),
        current_page=body.page,
        per_page=body.per_page,
    )
