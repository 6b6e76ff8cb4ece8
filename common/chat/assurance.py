"""That an answer is finished and kept although its reader has gone, and with the reader, for the platform, the request.

Its instance may be left without a CPU then, or be ended. So before an answer is begun, a task is scheduled for when it
must be there (`common/chat/finishing.py`). As a rule there is nothing left to do by then.
"""

from datetime import timedelta

from common.chat.pacing import TOTAL_S
from common.chat.ports import Question
from common.core import clock
from common.core.ids import new_id
from common.database import chat_threads, tasks
from common.database.chat_threads import Attempt
from common.models.chat import Message, MessageContext
from common.models.events import FinishAnswer

_SLACK_S = 15.0
"""Real seconds after an answer's deadline in which whoever made it stores it, or says that there is none."""


class Assurance:
    """Of one message, in one request.

    Args:
        message: what is to be answered.
        uid: whose it is.
        context: what the user looks at.
        within_s: real seconds that the request gives it, where that may be less than an answer usually has.
    """

    def __init__(
        self, message: Message, *, uid: str, context: MessageContext | None = None, within_s: float | None = None
    ) -> None:
        self._message = message
        self._uid = uid
        self._within_s = TOTAL_S if within_s is None else min(TOTAL_S, within_s)
        seen = None if context is None else context.to_firestore()
        self._attempt = Attempt(name=new_id(), context=seen)

    def begin(self) -> Attempt:
        """From now on it will be answered; by this attempt, or in place of it."""
        task = FinishAnswer(uid=self._uid, message_id=self._message.id, attempt=self._attempt.name)
        tasks.schedule_answer(task, at=clock.now() + timedelta(seconds=self._within_s + _SLACK_S))
        return self._attempt

    def end(self) -> None:
        """The reader knows that there is no answer, and may ask again; without a key that is another message."""
        thread_id = Question(self._uid, self._message).answer_id
        if self._message.client_message_id is None:
            chat_threads.delete(thread_id, uid=self._uid)
        else:
            chat_threads.let_go(thread_id, uid=self._uid)
