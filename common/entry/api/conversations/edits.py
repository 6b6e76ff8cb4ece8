"""`/v1/conversations/{id}`: what a user changes about a conversation as a whole (CONTRACT section 3.1)."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from common.conversations import edit
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.base import Shape
from common.models.conversation import ConversationView

router = Router(
    prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 402, 404)
)


class Renamed(Shape):
    """The conversation with its new title."""

    status: Literal["Ok"] = "Ok"
    conversation: ConversationView


class SummaryRequest(BaseModel):
    """The user's words in place of the overview, or of what an app has made of the conversation."""

    app_id: str | None = Field(None, max_length=1500, examples=[None])
    content: str = Field(max_length=50_000, examples=["We agreed to look at the flat on Friday."])


@router.patch("/title")
def rename(
    user: User, conversation_id: str, title: Annotated[str, Query(min_length=1, max_length=500, pattern=r"\S")]
) -> Renamed:
    """Give it a title of the user's own, which no later processing overwrites."""
    return Renamed(conversation=edit.rename_conversation(uid=user, conversation_id=conversation_id, title=title))


@router.patch("/starred")
def star(user: User, conversation_id: str, *, starred: bool) -> Ok:
    """Mark it, or no longer."""
    edit.star_conversation(uid=user, conversation_id=conversation_id, starred=starred)
    return Ok()


@router.patch("/summary")
def rewrite_summary(user: User, conversation_id: str, body: SummaryRequest) -> Ok:
    """Rewrite its overview, or what an app has made of it; an overview is kept when it is processed again."""
    edit.rewrite_summary(uid=user, conversation_id=conversation_id, app_id=body.app_id, content=body.content)
    return Ok()
