"""`/v2/integrations/{app_id}`: what an app may do for a user who has turned it on (CONTRACT section 4.5)."""

from typing import Annotated, Literal, Self

from fastapi import Query
from pydantic import BaseModel, Field, model_validator

from common.action_items.edit import list_action_items
from common.apps import kinds
from common.apps.importing import Fact, import_facts, import_text
from common.conversations.create import create_from_text
from common.database.action_items import Filters
from common.entry.api.apps.identity import AppFor, Caller
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.memories.edit import list_memories
from common.models.action_item import ActionItemView
from common.models.base import Shape
from common.models.conversation import ConversationSource
from common.models.external import ExternalText
from common.models.given import GivenEnd, GivenMoment
from common.models.memory import MemoryView

router = Router(prefix="/v2/integrations/{app_id}", tags=["integrations"], responses=responses(401, 403, 404, 429))

LARGEST_PAGE = 1000
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Offset = Annotated[int, Query(ge=0, le=100_000)]


class Accepted(Shape):
    """Taken; there is nothing to say about it."""


class FactGiven(Shape):
    """Something the app knows about the user."""

    content: str = Field(min_length=1, max_length=2000, pattern=r"\S", examples=["Has a sister in Lisbon"])
    tags: list[Annotated[str, Field(max_length=100)]] | None = Field(None, max_length=20)


class MemoriesRequest(BaseModel):
    """Facts about the user, or text that may hold some, or both."""

    text: str | None = Field(None, max_length=100_000, examples=["Moved to Porto in May"])
    memories: list[FactGiven] | None = Field(None, max_length=100)
    text_source: Literal["email", "social_post", "other"] = "other"
    text_source_spec: str | None = Field(None, max_length=500)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.memories or (self.text and self.text.strip())):
            raise ValueError("text or memories is required")
        return self


class Memories(Shape):
    """What is known of the user."""

    memories: list[MemoryView]


class Tasks(Shape):
    """What the user has to do."""

    tasks: list[ActionItemView]


@router.post("/user/conversations", responses=responses(409))
def add_conversation(
    caller: Annotated[Caller, AppFor(kinds.CREATE_CONVERSATION)], body: ExternalText, once: OncePerKey
) -> Accepted:
    """Hand over a text as a conversation; it is understood afterwards."""
    text = body.model_copy(update={"source": ConversationSource.EXTERNAL_INTEGRATION})

    def create() -> Accepted:
        create_from_text(text, uid=caller.uid, app_id=caller.app.id, conversation_id=once.id)
        return Accepted()

    return once(Accepted, create, uid=caller.uid)


@router.post("/user/memories", responses=responses(409))
def add_memories(
    caller: Annotated[Caller, AppFor(kinds.CREATE_FACTS)], body: MemoriesRequest, once: OncePerKey
) -> Accepted:
    """Hand over facts; of text, up to 500 characters are one fact, and more is a conversation to be understood."""

    def create() -> Accepted:
        facts = [Fact(content=fact.content, tags=fact.tags or ()) for fact in body.memories or ()]
        import_facts(facts, uid=caller.uid, app_id=caller.app.id)
        if body.text and body.text.strip():
            import_text(
                body.text,
                kind=body.text_source,
                spec=body.text_source_spec,
                uid=caller.uid,
                app_id=caller.app.id,
                conversation_id=once.id,
            )
        return Accepted()

    return once(Accepted, create, uid=caller.uid)


@router.get("/memories")
def memories(
    caller: Annotated[Caller, AppFor(kinds.READ_MEMORIES)], limit: Limit = 100, offset: Offset = 0
) -> Memories:
    """What is known of the user, best first."""
    found = list_memories(uid=caller.uid, limit=limit, offset=offset)
    return Memories(memories=[memory.with_todays_category() for memory in found])


@router.get("/tasks")
def tasks(
    caller: Annotated[Caller, AppFor(kinds.READ_TASKS)],
    *,
    limit: Limit = 100,
    offset: Offset = 0,
    completed: bool | None = None,
    conversation_id: Annotated[str | None, Query(max_length=1500)] = None,
    start_date: GivenMoment | None = None,
    end_date: GivenEnd | None = None,
) -> Tasks:
    """What the user has to do, the newest first."""
    filters = Filters(
        completed=completed, conversation_id=conversation_id, created_from=start_date, created_until=end_date
    )
    found, _ = list_action_items(uid=caller.uid, limit=limit, offset=offset, filters=filters)
    return Tasks(tasks=[*found])
