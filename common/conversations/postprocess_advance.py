"""One look at a second hearing of a conversation, whichever it is."""

from common.conversations import postprocess_emotions, postprocess_transcript
from common.conversations.postprocess_looking import end, look
from common.models.events import Postprocess

STEP = "advance_postprocessing"


def advance_postprocessing(task: Postprocess) -> str:
    """Ask, or look; says in a word how far it is.

    Raises:
        RetryableError: the service or a store failed.
    """
    work = postprocess_transcript.advance if task.kind == "fal_whisperx" else postprocess_emotions.advance
    return look(task, work)


def give_up_postprocessing(task: Postprocess, reason: str) -> None:
    """Leave the conversation as it is, and say why; a look that a service asked for is not the last one."""
    if task.look >= 0:
        end(task, "failed", reason=reason)
