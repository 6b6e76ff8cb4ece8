"""Answers that nobody has finished: their readers have gone, and with them, for the platform, the requests.

What is done goes on where the work stopped, with no tool called again. Whoever began it has had no time left since its
deadline: even if its instance gets a CPU once more, it calls no tools.
"""

from datetime import timedelta

from common.chat.converse import respond
from common.chat.ports import Question
from common.core import clock
from common.core.logs import get_logger
from common.database import chat_threads, messages
from common.models.chat import MessageContext
from common.models.events import FinishAnswer

STEP = "finish_answer"
_LATEST_S = 3600.0
"""Real seconds after which nobody waits for an answer any more."""


def finish_answer(task: FinishAnswer) -> str:
    """Answer a message that is waiting for it; says in a word what came of it.

    Nothing is to be done where the work is not that of the attempt: it was finished, or failed and its reader knows, or
    the chat was cleared, or somebody asked again, who has a task of their own.

    Raises:
        ProviderError: nobody could answer.
    """
    message = messages.of(uid=task.uid).find(task.message_id)
    if message is None:
        return "deleted"
    attempt = chat_threads.find_attempt(Question(task.uid, message).answer_id, uid=task.uid)
    if attempt is None or attempt.name != task.attempt:
        return "settled"
    if clock.now() - message.created_at > timedelta(seconds=_LATEST_S):
        get_logger().warning("answer_given_up")
        return "too late"
    context = None if attempt.context is None else MessageContext.model_validate(attempt.context)
    for _ in respond(message, uid=task.uid, context=context):
        pass
    return "answered"
