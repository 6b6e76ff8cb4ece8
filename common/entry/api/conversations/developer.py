"""`/v1/dev/user/conversations`: a user's conversations for programs of that user (CONTRACT section 4.2)."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field, StrictBool

from common.conversations.create import await_receipt, create_from_segments, create_from_text
from common.conversations.delete import delete_conversation
from common.conversations.revise import revise_conversation
from common.conversations.showing import for_developer, list_finished, open_for_developer
from common.entry.api.conversations.filters import Offset, csv
from common.entry.api.identity import Developer
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Success, responses
from common.models.api_key import Scope
from common.models.conversation_views import DeveloperConversation
from common.models.external import ExternalSegments, ExternalText, Receipt, TextSource
from common.models.given import GivenEnd, GivenMoment
from common.models.structured import ConversationCategory

router = Router(
    prefix="/v1/dev/user/conversations", tags=["developer conversations"], responses=responses(401, 403, 429)
)

Reader = Annotated[str, Developer(Scope.READ_CONVERSATIONS)]
Writer = Annotated[str, Developer(Scope.WRITE_CONVERSATIONS)]


class Revision(BaseModel):
    """What a program may change."""

    title: str | None = Field(None, min_length=1, max_length=500, pattern=r"\S", examples=["Flat hunting"])
    discarded: StrictBool | None = None


class DeveloperText(ExternalText):
    """A conversation as a text, of any kind unless its source is given."""

    text_source: TextSource = "other_text"


@router.get("", responses=responses(400))
def list_newest(
    user: Reader,
    *,
    limit: Annotated[int, Query(ge=1, le=200)] = 25,
    offset: Offset = 0,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
    categories: Annotated[str | None, Query(description="Separated by commas")] = None,
    folder_id: Annotated[str | None, Query(max_length=1500)] = None,
    starred: bool | None = None,
    include_transcript: bool = False,
) -> list[DeveloperConversation]:
    """The newest completed conversations that were not discarded; of transcripts 10,000 segments together at most."""
    found = list_finished(
        uid=user,
        limit=limit,
        offset=offset,
        since=start_date,
        until=end_date,
        categories=csv(categories, among=ConversationCategory, name="categories"),
        folder_id=folder_id,
        starred=starred,
    )
    return for_developer(found, uid=user, with_transcript=include_transcript)


@router.post("", responses=responses(409))
def create(user: Writer, body: DeveloperText, once: OncePerKey) -> Receipt:
    """Hand over a text; answered once it is understood, or after a while."""

    def hand_over() -> Receipt:
        return await_receipt(create_from_text(body, uid=user, conversation_id=once.id), uid=user)

    return once(Receipt, hand_over, uid=user)


@router.post("/from-segments", responses=responses(409))
def create_from_transcript(user: Writer, body: ExternalSegments, once: OncePerKey) -> Receipt:
    """Hand over a transcript; answered once it is understood, or after a while."""

    def hand_over() -> Receipt:
        return await_receipt(create_from_segments(body, uid=user, conversation_id=once.id), uid=user)

    return once(Receipt, hand_over, uid=user)


@router.get("/{conversation_id}", responses=responses(402, 404))
def get(user: Reader, conversation_id: str, *, include_transcript: bool = False) -> DeveloperConversation:
    """One conversation."""
    return open_for_developer(uid=user, conversation_id=conversation_id, with_transcript=include_transcript)


@router.patch("/{conversation_id}", responses=responses(402, 404))
def revise(user: Writer, conversation_id: str, body: Revision) -> DeveloperConversation:
    """Give it another title, or say whether it is worth keeping; no later processing overwrites that."""
    revised = revise_conversation(uid=user, conversation_id=conversation_id, title=body.title, discarded=body.discarded)
    [shown] = for_developer([revised], uid=user)
    return shown


@router.delete("/{conversation_id}", responses=responses(404))
def delete(user: Writer, conversation_id: str) -> Success:
    """Delete it and everything that hangs on it; what was learned from it stays."""
    delete_conversation(uid=user, conversation_id=conversation_id)
    return Success()
