"""`/v1/conversations/merge` (CONTRACT section 3.1)."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from common.conversations.merge import start_merge
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape

router = Router(prefix="/v1/conversations", tags=["conversations"], responses=responses(401))


class MergeRequest(BaseModel):
    """Which conversations, and whether the one they become is to be understood anew."""

    conversation_ids: list[Annotated[str, StringConstraints(max_length=1500)]] = Field(
        max_length=20, examples=[["c1", "c2"]], description="At least two, none of them twice"
    )
    reprocess: StrictBool = True


class MergeStarted(Shape):
    """It is under way."""

    status: Literal["merging"] = "merging"
    message: str
    conversation_ids: list[str]
    merged_conversation_id: str = Field(description="What they will be found under")


@router.post("/merge", responses=responses(400, 402, 404, 409))
def merge(user: User, body: MergeRequest) -> MergeStarted:
    """Make several completed conversations one; answers at once, while that is under way."""
    merged = start_merge(body.conversation_ids, uid=user, reprocess=body.reprocess)
    return MergeStarted(
        message=f"{len(body.conversation_ids)} conversations are being merged",
        conversation_ids=body.conversation_ids,
        merged_conversation_id=merged,
    )
