"""`/v1/conversations/{id}/visibility` and what strangers see of a conversation (CONTRACT section 3.1)."""

from typing import Annotated

from fastapi import Query

from common.conversations import share
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.conversation import ConversationVisibility
from common.models.conversation_views import SharedConversation

router = Router(prefix="/v1/conversations/{conversation_id}", tags=["conversations"])


@router.patch("/visibility", responses=responses(401, 402, 404, 409))
def set_visibility(user: User, conversation_id: str, value: Annotated[ConversationVisibility, Query()]) -> Ok:
    """Say who may read it: nobody else, whoever has its address, or everybody."""
    share.set_visibility(uid=user, conversation_id=conversation_id, visibility=value)
    return Ok()


@router.get("/shared", responses=responses(404))
def read_shared(conversation_id: str) -> SharedConversation:
    """Read a conversation that is not private; anybody may who knows its id."""
    return share.read_shared(conversation_id)
