"""`/v1/conversations/{id}`: close it, watch how far its processing is, process it again (CONTRACT section 3.1)."""

from typing import Annotated

from fastapi import Form, Query

from common.apps.summarizing import check_asked
from common.conversations import postprocess
from common.conversations import reprocess as processing
from common.conversations.postprocess_callback import called_back
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.conversation import ConversationView
from common.models.finalization import Finalization

router = Router(
    prefix="/v1/conversations/{conversation_id}", tags=["conversations"], responses=responses(401, 402, 404)
)


@router.post("/finalize", responses=responses(409))
def finalize(user: User, conversation_id: str) -> ConversationView:
    """Close it if it is still being captured; answers at once, while it is processed."""
    return processing.finalize_now(uid=user, conversation_id=conversation_id)


@router.get("/finalization")
def finalization(user: User, conversation_id: str) -> Finalization:
    """How far its processing is."""
    return processing.finalization(uid=user, conversation_id=conversation_id)


@router.post("/reprocess", responses=responses(400, 403, 409))
def reprocess(
    user: User,
    conversation_id: str,
    language_code: Annotated[str | None, Query(min_length=2, max_length=35, examples=["en"])] = None,
    app_id: Annotated[
        str | None, Query(max_length=1500, description="The app that shall summarise it; one that is turned on")
    ] = None,
) -> ConversationView:
    """Put it through the chain again; answers at once, while that is under way."""
    if app_id:
        check_asked(app_id, uid=user)
    return processing.reprocess_conversation(
        uid=user, conversation_id=conversation_id, language=language_code, app_id=app_id
    )


older = Router(tags=["conversations"], responses=responses())


@older.post("/v1/memories/{conversation_id}/post-processing", responses=responses(400, 401, 402, 404, 409))
def post_process(
    user: User,
    conversation_id: str,
    emotional_feedback: Annotated[bool, Form()] = False,  # noqa: FBT002 - a field of a form
) -> ConversationView:
    """Have it heard again, more carefully, from the audio that is stored of it; a file that is sent along is not read.

    Answers at once: `postprocessing` says how far it is.
    """
    return postprocess.request_postprocessing(
        uid=user, conversation_id=conversation_id, emotional_feedback=emotional_feedback
    )


@older.post("/v1/hume/callback", responses=responses(403))
def emotions_are_measured(token: Annotated[str, Query(max_length=4000)]) -> Ok:
    """For the service that measures emotions: makes us look whether it has. What it sends is not read."""
    called_back(token)
    return Ok()
