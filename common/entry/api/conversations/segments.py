"""`/v1/conversations/{id}/segments`: who said it, and what (CONTRACT section 3.1)."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field, JsonValue, StrictBool

from common.conversations import assignment
from common.conversations.assignment import parse_speaker
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.conversation import ConversationView

router = Router(
    prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 402, 404, 409)
)

KINDS: dict[str, JsonValue] = {"enum": ["is_user", "person_id"]}
"""Others are refused with 400, as clients expect, not with 422."""

AssignType = Annotated[str, Query(max_length=100, examples=["person_id"], json_schema_extra=KINDS)]
Value = Annotated[
    str | None,
    Query(max_length=1500, description="`true` or `false`, or the id of a person; without it nobody is meant"),
]
ForTraining = Annotated[
    bool, Query(alias="use_for_speech_training", description="Whether the person's voice may be learnt from it")
]


class TextRequest(BaseModel):
    """A segment, and what was really said."""

    segment_id: str = Field(min_length=1, max_length=1500, examples=["0b6a5c1e-7d55-5a43-8f0e-1d2c3b4a5968"])
    text: str = Field(max_length=10_000, examples=["Let's meet at the station."])


class BulkAssignRequest(BaseModel):
    """Segments, and who said them."""

    segment_ids: list[Annotated[str, Field(max_length=1500)]] = Field(
        min_length=1, max_length=5000, examples=[["0b6a5c1e-7d55-5a43-8f0e-1d2c3b4a5968"]]
    )
    assign_type: str = Field(max_length=100, examples=["is_user"], json_schema_extra=KINDS)
    value: Annotated[str, Field(max_length=1500)] | StrictBool | None = Field(None, examples=["true"])
    use_for_speech_training: StrictBool = True


@router.patch("/segments/text")
def rewrite(user: User, conversation_id: str, body: TextRequest) -> Ok:
    """Put what was really said in place of what was understood."""
    assignment.rewrite_segment(uid=user, conversation_id=conversation_id, segment_id=body.segment_id, text=body.text)
    return Ok()


@router.patch("/segments/assign-bulk", responses=responses(400))
def assign_bulk(user: User, conversation_id: str, body: BulkAssignRequest) -> ConversationView:
    """Say who said these segments, all or none of them."""
    speaker = parse_speaker(body.assign_type, body.value)
    return assignment.assign_segments(
        speaker,
        uid=user,
        conversation_id=conversation_id,
        segment_ids=body.segment_ids,
        learn=body.use_for_speech_training,
    )


@router.patch("/segments/{segment_idx}/assign", responses=responses(400))
def assign_one(
    user: User,
    conversation_id: str,
    segment_idx: Annotated[int, Path(ge=0, le=1_000_000)],
    assign_type: AssignType,
    value: Value = None,
    *,
    for_training: ForTraining = True,
) -> ConversationView:
    """Say who said the segment at a place in the transcript."""
    speaker = parse_speaker(assign_type, value)
    return assignment.assign_segment(
        speaker, uid=user, conversation_id=conversation_id, place=segment_idx, learn=for_training
    )


@router.patch("/assign-speaker/{speaker_id}", responses=responses(400))
def assign_speaker(
    user: User,
    conversation_id: str,
    speaker_id: Annotated[int, Path(ge=0, le=1_000_000)],
    assign_type: AssignType,
    value: Value = None,
    *,
    for_training: ForTraining = True,
) -> ConversationView:
    """Say who one voice in the conversation is."""
    speaker = parse_speaker(assign_type, value)
    return assignment.assign_speaker(
        speaker, uid=user, conversation_id=conversation_id, speaker_id=speaker_id, learn=for_training
    )
