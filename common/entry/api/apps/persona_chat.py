"""`/v2/integrations/{app_id}/user/persona-chat`: a persona answers for its maker elsewhere (CONTRACT section 4.5)."""

from typing import Annotated

from pydantic import BaseModel, Field

from common.entry.api.apps.identity import AppFor, Caller
from common.entry.api.chat.stream import DESCRIBED, AnswerStream
from common.entry.api.identity import limit_requests
from common.entry.api.routing import Router
from common.entry.api.schemas import responses

router = Router(prefix="/v2/integrations/{app_id}", tags=["integrations"], responses=responses(401, 402, 403, 404, 429))

ANSWERS_PER_HOUR = 120
"""That a persona gives for one user: strangers write, and the maker pays."""
_HOUR_S = 3600

About = Annotated[str, Field(max_length=500)]


class PersonaChatRequest(BaseModel):
    """What somebody writes, and what is known about them and where they do."""

    text: str = Field(min_length=1, max_length=4000, pattern=r"\S", examples=["Are you coming on Friday?"])
    context: dict[Annotated[str, Field(max_length=50)], About | int | float | bool | None] | None = Field(
        None, max_length=20, examples=[{"platform": "telegram", "sender_name": "Tom"}]
    )


@router.post("/user/persona-chat", status_code=200, response_class=AnswerStream, responses=DESCRIBED)
def answer(caller: Annotated[Caller, AppFor()], body: PersonaChatRequest) -> AnswerStream:
    """Have the persona answer; streams as the chat does, and nothing of it is kept."""
    from common.chat.speaking_for import speak_for  # much, which no other request of an app needs

    limit_requests(
        "app:persona-chat", subject=f"{caller.app.id} {caller.uid}", limit=ANSWERS_PER_HOUR, window_s=_HOUR_S
    )
    known = {name: str(value) for name, value in (body.context or {}).items() if value is not None}
    return AnswerStream(speak_for(caller.app, body.text, uid=caller.uid, context=known))
