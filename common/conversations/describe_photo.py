"""A stored picture is described: a step of its own, for whoever has taken it may be gone by then."""

from datetime import datetime

from common.conversations import lifecycle, sights
from common.core.errors import NotFoundError
from common.database import conversations, photo_files, photos, tasks, users
from common.llm import budget
from common.llm.ports import Picture
from common.llm.providers import photo_describer, photos_are_described
from common.models.attachments import ConversationPhoto
from common.models.events import DescribePhoto

STEP = "describe_photo"
BUDGET = "the user's budget of tokens is used up"
_MOST_RUNS = len(lifecycle.RETRY_AFTER_S)


def describe_photo(task: DescribePhoto) -> str:
    """Describe it, unless that is done; says in a word what came of it.

    Raises:
        ProviderError: the model did not answer properly.
    """
    photo = photos.of(uid=task.uid, conversation_id=task.conversation_id).find(task.photo_id)
    data = photo_files.read(photo) if photo is not None else None
    if photo is None or data is None:
        return "deleted"
    if photo.description is None:
        describer = photo_describer()
        if describer is None and photos_are_described():
            _give_up(task, BUDGET, again_at=budget.next_day())
            return "put off"
        if describer is None:
            return "nobody can"
        picture = Picture(data, photo.content_type or "image/jpeg")
        sight = describer.describe(picture, language=users.language(uid=task.uid))
        if not _settle(task, description=sight.description, discarded=not sight.telling, failure=None):
            return "deleted"
    _structure_again(task)
    return "described"


def give_up_photo(task: DescribePhoto, reason: str) -> None:
    """Leave it undescribed for now, and say why; an outage of hours shall cost nothing but time."""
    _give_up(task, reason, again_at=lifecycle.next_retry(task.run))


def _give_up(task: DescribePhoto, reason: str, *, again_at: datetime | None) -> None:
    if not _settle(task, failure=reason):
        return
    if again_at is not None and task.run < _MOST_RUNS:
        tasks.enqueue_photo(task.model_copy(update={"run": task.run + 1}), at=again_at)
    _structure_again(task)


def _settle(task: DescribePhoto, **fields: object) -> bool:
    """Note what is said of it, for good; False where it is gone."""

    def decide(current: ConversationPhoto) -> ConversationPhoto | None:
        return None if current.description is not None else current.model_copy(update=fields)

    try:
        photos.of(uid=task.uid, conversation_id=task.conversation_id).change(task.photo_id, decide)
    except NotFoundError:
        return False
    return True


def _structure_again(task: DescribePhoto) -> None:
    """Begin a new run where nothing is waited for any more, and a finished conversation does not know it all yet."""
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    if conversation is None or not conversation.status.terminal:
        return
    beside = photos.list_photos(uid=task.uid, conversation_id=task.conversation_id)
    known = sights.count([*conversation.photos, *beside])
    if not all(photo.settled for photo in beside) or known <= conversation.capture.sights:
        return
    run = conversation.run
    conversations.change(
        uid=task.uid,
        conversation_id=task.conversation_id,
        decide=lambda current: (
            lifecycle.begin_processing(current) if current.run == run and current.status.terminal else None
        ),
    )
