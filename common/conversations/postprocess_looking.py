"""What the looks at a second hearing have in common: when the next one is, and how one ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from common.core import clock
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import conversations, hearings, tasks
from common.models.attachments import PostProcessing, PostProcessingStatus
from common.models.conversation import Conversation
from common.models.events import Postprocess
from common.models.second_hearing import Hearing

PAUSES_S = (10, 20, 40, 80, 160, 240)
"""Real seconds before the first, second, … look, and from the last on that many each time."""
_ENDS = {
    "done": PostProcessingStatus.COMPLETED,
    "canceled": PostProcessingStatus.CANCELED,
    "failed": PostProcessingStatus.FAILED,
}


@dataclass(frozen=True)
class Looked:
    """The conversation and the hearing that a task is about, both there and not over."""

    task: Postprocess
    conversation: Conversation
    hearing: Hearing

    def look_again(self) -> str:
        """Have the next look."""
        number = max(self.task.look, 0)
        pause = timedelta(seconds=PAUSES_S[min(number, len(PAUSES_S) - 1)])
        tasks.enqueue_postprocessing(self.task.model_copy(update={"look": number + 1}), at=clock.now() + pause)
        return "waiting"

    @property
    def waited_enough(self) -> bool:
        """Whether the service was given all the time it gets."""
        asked = self.hearing.submitted_at
        patience = timedelta(seconds=settings().post_processing_patience_s)
        return asked is not None and clock.now() - asked > patience

    def note_asked(self, request_id: str) -> None:
        """Keep what the service calls it."""
        asked = {"state": "waiting", "request_id": request_id, "submitted_at": clock.now()}
        _change(self.task, lambda current: current.model_copy(update=asked))


def look(task: Postprocess, work: Callable[[Looked], str]) -> str:
    """Do a look's work, if there still is any; what comes after the conversation has gone leaves nothing behind."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    hearing = hearings.of(uid=task.uid, conversation_id=task.conversation_id).find(task.kind)
    if conversation is not None and (hearing is None or hearing.attempt != task.attempt or hearing.over):
        _drop_audio(task)  # in case that whoever ended it was cut short
        return "over"
    outcome = work(Looked(task, conversation, hearing)) if conversation is not None and hearing is not None else ""
    if not conversations.exists(uid=task.uid, conversation_id=task.conversation_id):
        conversations.delete_children(uid=task.uid, conversation_id=task.conversation_id)
        hearings.delete_audio(uid=task.uid, conversation_id=task.conversation_id)
        return "deleted"
    return outcome


def end(task: Postprocess, state: str, *, reason: str | None = None) -> str:
    """End a hearing, say so in the conversation where it is about the transcript, and drop what was sent."""
    there = {"uid": task.uid, "conversation_id": task.conversation_id}
    if task.kind == "fal_whisperx":
        ended = PostProcessing(status=_ENDS[state], fail_reason=reason)

        def decide(current: Conversation) -> Conversation | None:
            known = current.postprocessing
            if known is None or known.status is not PostProcessingStatus.IN_PROGRESS:
                return None
            return current.model_copy(update={"postprocessing": ended})

        conversations.change(decide=decide, **there)
    _change(task, lambda current: current.model_copy(update={"state": state, "reason": reason}))
    _drop_audio(task)
    get_logger().info("postprocessing_ended", kind=task.kind, state=state)
    return state


def _drop_audio(task: Postprocess) -> None:
    """Delete what was sent, once nobody waits for an answer about it."""
    there = {"uid": task.uid, "conversation_id": task.conversation_id}
    if all(each.over for each in hearings.of(**there).find_many(["fal_whisperx", "hume"])):
        hearings.delete_audio(**there)


def _change(task: Postprocess, changed: Callable[[Hearing], Hearing]) -> None:
    def decide(current: Hearing) -> Hearing | None:
        return changed(current) if current.attempt == task.attempt and not current.over else None

    there = hearings.of(uid=task.uid, conversation_id=task.conversation_id)
    if there.find(task.kind) is not None:
        there.change(task.kind, decide)
