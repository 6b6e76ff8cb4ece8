"""How far the processing of a closed conversation is, as clients ask for it."""

from common.models.base import Shape
from common.models.conversation import ConversationStatus


class Finalization(Shape):
    """The run a conversation is in: whether it is over, whether it will be tried again, and how often it was."""

    job_id: str
    status: ConversationStatus
    terminal: bool
    retryable: bool
    attempt_count: int
    task_retry_count: int
