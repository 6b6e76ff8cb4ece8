"""`/v1/conversations/{id}/events` and `/action-items`: what was found to do (CONTRACT section 3.1)."""

from typing import Annotated, Self, TypeVar

from fastapi import Path, Response
from pydantic import BaseModel, Field, StrictBool, model_validator

from common.conversations import agenda
from common.conversations.edit import get_unlocked
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.action_item import LONGEST_DESCRIPTION
from common.models.base import Shape
from common.models.structured import ActionItem

router = Router(
    prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 402, 404)
)

LARGEST_PLACE = 10_000

M = TypeVar("M", bound="_Marks")

Place = Annotated[int, Field(ge=0, le=LARGEST_PLACE, strict=True)]
Description = Annotated[
    str, Field(min_length=1, max_length=LONGEST_DESCRIPTION, pattern=r"\S", examples=["Call the landlord"])
]


class _Marks(BaseModel):
    """Places in a list, and for each of them whether."""

    values: list[StrictBool] = Field(max_length=500, examples=[[True]])


class EventMarks(_Marks):
    """Which events are in the user's calendar."""

    events_idx: list[Place] = Field(max_length=500, examples=[[0]])

    @model_validator(mode="after")
    def _in_pairs(self) -> Self:
        return _paired(self, self.events_idx)


class ActionItemMarks(_Marks):
    """Which action items are done."""

    items_idx: list[Place] = Field(max_length=500, examples=[[0]])

    @model_validator(mode="after")
    def _in_pairs(self) -> Self:
        return _paired(self, self.items_idx)


class RewordRequest(BaseModel):
    """An action item by its present description, and the new one."""

    old_description: str = Field(max_length=5000, examples=["Call the landlord"])
    description: Description


class DeleteRequest(BaseModel):
    """An action item by its description."""

    description: str = Field(max_length=5000, examples=["Call the landlord"])
    completed: StrictBool = False


class ConversationActionItems(Shape):
    """What is to be done after a conversation."""

    action_items: list[ActionItem]
    conversation_id: str


@router.patch("/events")
def mark_events(user: User, conversation_id: str, body: EventMarks) -> Ok:
    """Note which events, by their place, the user has put into a calendar."""
    marks = dict(zip(body.events_idx, body.values, strict=True))
    agenda.mark_events(uid=user, conversation_id=conversation_id, marks=marks)
    return Ok()


@router.get("/action-items")
def list_action_items(user: User, conversation_id: str) -> ConversationActionItems:
    """What was found to do, in its order; places in it are what the other routes take."""
    conversation = get_unlocked(uid=user, conversation_id=conversation_id)
    return ConversationActionItems(action_items=conversation.structured.action_items, conversation_id=conversation.id)


@router.patch("/action-items")
def mark_action_items(user: User, conversation_id: str, body: ActionItemMarks) -> Ok:
    """Note which action items, by their place, are done."""
    marks = dict(zip(body.items_idx, body.values, strict=True))
    agenda.mark_action_items(uid=user, conversation_id=conversation_id, marks=marks)
    return Ok()


@router.patch("/action-items/{item_idx}")
def reword_action_item(
    user: User, conversation_id: str, item_idx: Annotated[int, Path(ge=0, le=LARGEST_PLACE)], body: RewordRequest
) -> Ok:
    """Describe an action item in the user's words."""
    agenda.reword_action_item(
        uid=user,
        conversation_id=conversation_id,
        place=item_idx,
        old_description=body.old_description,
        description=body.description,
    )
    return Ok()


@router.delete("/action-items", status_code=204, response_class=Response)
def delete_action_item(user: User, conversation_id: str, body: DeleteRequest) -> None:
    """Delete an action item, by its description."""
    agenda.delete_action_item(uid=user, conversation_id=conversation_id, description=body.description)


def _paired(marks: M, places: list[int]) -> M:
    if len(places) != len(marks.values):
        raise ValueError("there must be as many values as places")
    return marks
