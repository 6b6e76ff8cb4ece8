"""`/v1/conversations/{id}`: what a user changes about a conversation (CONTRACT section 3.1)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from common.conversations.edit import rename_conversation
from common.entry.api.identity import User
from common.entry.api.schemas import responses
from common.models.conversation import ConversationView

router = APIRouter(prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 404))


class Renamed(BaseModel):
    """The conversation with its new title."""

    status: Literal["Ok"] = "Ok"
    conversation: ConversationView


@router.patch("/title")
def rename(user: User, conversation_id: str, title: Annotated[str, Query(min_length=1, max_length=500)]) -> Renamed:
    """Give it a title of the user's own."""
    return Renamed(conversation=rename_conversation(uid=user, conversation_id=conversation_id, title=title))
