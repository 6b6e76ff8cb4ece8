"""`/v1/conversations/search` (CONTRACT sections 2.2 and 3.1)."""

from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field, StrictBool

from common.conversations.browse import check_filters
from common.conversations.search import Filters, find_page
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.conversation_views import FoundConversation, FoundPassage
from common.models.given import GivenEnd, GivenInt, GivenMoment

Name = Annotated[str, Field(min_length=1, max_length=200)]

router = Router(prefix="/v1/conversations", tags=["conversations"], responses=responses(400, 401))


class SearchRequest(BaseModel):
    """A question to the user's conversations; without one, the newest are meant."""

    query: str = Field("", max_length=2000, examples=["the flat near the station"])
    page: GivenInt = Field(1, ge=1, le=1000)
    per_page: GivenInt = Field(
        10, ge=1, le=100, description="Conversations; `passages` are of these alone, so more of short ones bring more"
    )
    include_discarded: StrictBool = True
    start_date: GivenMoment | None = None
    end_date: GivenEnd | None = None
    speaker_id: str | None = Field(
        None, max_length=1500, description="The id of a person who must speak in it; `user` is the owner"
    )
    people: list[Name] = Field(
        default_factory=list, max_length=20, description="Names or ids of people; one of them must speak in it"
    )
    topics: list[Name] = Field(
        default_factory=list, max_length=20, description="Categories, or words of titles and tasks; one must be there"
    )


class SearchPage(Shape):
    """Hits, best first."""

    items: list[FoundConversation]
    passages: list[FoundPassage] = Field(
        default_factory=list,
        description="Those of all `items` together, the best first, whatever they are from. Where these are short, so"
        " that it is less than 1000 words, what was said around them follows, with score 0",
    )
    total_pages: int
    current_page: int
    per_page: int


@router.post("/search")
def search(user: User, body: SearchRequest, response: Response) -> SearchPage:
    """Conversations about something, best first.

    Where transcripts are left out, the header `X-Omi-List-Truncated` says so.
    """
    check_filters({"since": body.start_date, "until": body.end_date})
    page = find_page(body.query, uid=user, limit=body.per_page, offset=(body.page - 1) * body.per_page, **filters(body))
    if page.left_out:
        response.headers["X-Omi-List-Truncated"] = "true"
    return SearchPage(
        items=[hit.shown() for hit in page.hits],
        passages=page.passages,
        total_pages=-(-page.total // body.per_page),
        current_page=body.page,
        per_page=body.per_page,
    )


def filters(body: SearchRequest) -> Filters:
    """What a request asks for besides words, as the search takes it."""
    return {
        "include_discarded": body.include_discarded,
        "since": body.start_date,
        "until": body.end_date,
        "person_id": body.speaker_id,
        "named": body.people,
        "topics": body.topics,
    }
