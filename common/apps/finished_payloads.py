"""What is told of a conversation that is done, and of a day (CONTRACT sections 8.2 and 8.5)."""

from typing import Any

from common.conversations.speakers import load_names
from common.database import conversations, daily_summaries, folders, photos
from common.models.conversation import Conversation, ConversationSource, ConversationStatus
from common.models.conversation_views import DeveloperSegment
from common.models.events import DeliverWebhook

_FINISHED = {ConversationStatus.COMPLETED, ConversationStatus.PROCESSING, ConversationStatus.MERGING}


def conversation_news(task: DeliverWebhook) -> dict[str, Any] | None:
    """The conversation as it is by now; None where it is not to be told, or a later run tells it."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    if conversation is None or not may_be_told(conversation):
        return None
    if task.app_id is not None and f"run-{conversation.run}" not in task.parts:
        return None
    return {**_told(conversation, uid=task.uid), "folder_name": _folder_name(conversation, uid=task.uid)}


def day_news(task: DeliverWebhook) -> dict[str, Any] | None:
    """What a day was; None where its summary was deleted."""
    [summary_id] = task.parts
    summary = daily_summaries.of(uid=task.uid).find(summary_id)
    if summary is None:
        return None
    told = summary.to_json()
    return {"summary": summary.overview, "summary_json": told, "uid": task.uid, "created_at": told["created_at"]}


def may_be_told(conversation: Conversation) -> bool:
    """Whether apps may know of it: finished once, kept, and not made without credit. Pure."""
    return conversation.status in _FINISHED and not (
        conversation.discarded or conversation.deleted or conversation.is_locked
    )


def _told(conversation: Conversation, *, uid: str) -> dict[str, Any]:
    """As clients get it, and what apps' makers know besides; of pictures only what is to be seen in them."""
    apart = photos.list_photos(uid=uid, conversation_id=conversation.id)
    seen = [photo.model_copy(update={"base64": "", "storage_id": None}) for photo in [*conversation.photos, *apart]]
    told = conversation.model_copy(update={"photos": seen}).to_wire()
    named = load_names([conversation], uid=uid).segments(conversation, as_=DeveloperSegment)
    told["transcript_segments"] = [
        {**segment, "speakerId": segment["speaker_id"], "speaker_name": name.speaker_name}
        for segment, name in zip(told["transcript_segments"], named, strict=True)
    ]
    told["apps_response"] = told["apps_results"]
    if conversation.source is ConversationSource.WORKFLOW:
        told["external_data"] = None
    return told


def _folder_name(conversation: Conversation, *, uid: str) -> str | None:
    folder = folders.of(uid=uid).find(conversation.folder_id) if conversation.folder_id else None
    return folder.name if folder is not None else None
