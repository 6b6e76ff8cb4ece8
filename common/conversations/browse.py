"""Looking through one's conversations: lists, counts, and one of them with everything that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from common.conversations.edit import get_unlocked
from common.conversations.so_far import with_words_so_far
from common.core.errors import BadRequestError
from common.database import conversations, photo_files, photos
from common.database.conversations import PAGE_SEGMENTS
from common.database.whole_conversations import Room

if TYPE_CHECKING:
    from typing import Unpack

    from common.database.conversation_queries import Wanted
    from common.models.conversation import Conversation, ConversationView

    V = TypeVar("V", bound=ConversationView)

MOST_VALUES = 20
"""Of one filter."""


def list_conversations(
    *, uid: str, limit: int, offset: int = 0, room: Room | None = None, **wanted: Unpack[Wanted]
) -> list[Conversation]:
    """The newest of a user's conversations, without photos; of those made without credit only what they are about.

    Transcripts are there as far as they find `room`, by default that of a page.

    Raises:
        BadRequestError: the filters make no sense together.
    """
    check_filters(wanted)
    room = room or Room(PAGE_SEGMENTS)
    page = conversations.list_newest(uid=uid, limit=limit, offset=offset, room=room, **wanted)
    return [truncated(conversation).without_photos() for conversation in page]


def count_conversations(*, uid: str, **wanted: Unpack[Wanted]) -> int:
    """How many there are.

    Raises:
        BadRequestError: the filters make no sense together.
    """
    check_filters(wanted)
    return conversations.count(uid=uid, **wanted)


def check_filters(wanted: Wanted) -> None:
    """Refuse what no query can answer.

    Raises:
        BadRequestError: a range that ends before it begins, more values than a filter takes, or several sources
            combined with several statuses.
    """
    since, until = wanted.get("since"), wanted.get("until")
    if since is not None and until is not None and since > until:
        raise BadRequestError("start_date lies after end_date")
    filters = [set(wanted.get("statuses", ())), set(wanted.get("sources", ())), set(wanted.get("categories", ()))]
    if any(len(values) > MOST_VALUES for values in filters):
        raise BadRequestError(f"A filter takes {MOST_VALUES} values at most")
    # Each combination of values is a query of its own to Firestore, which takes 30 at most.
    if sum(len(values) > 1 for values in filters) > 1:
        raise BadRequestError("Only one of statuses, sources and categories may have several values")


def open_conversation(*, uid: str, conversation_id: str) -> Conversation:
    """One conversation with its whole transcript, as far as it is understood, and all of its photos.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    conversation = with_words_so_far(get_unlocked(uid=uid, conversation_id=conversation_id), uid=uid)
    apart = photo_files.filled(photos.list_photos(uid=uid, conversation_id=conversation_id))
    return conversation.model_copy(update={"photos": [*conversation.photos, *apart]}) if apart else conversation


def truncated(conversation: V) -> V:
    """The conversation as it is shown: of one made without credit only what it was about."""
    if not conversation.is_locked:
        return conversation
    structured = conversation.structured.model_copy(update={"action_items": [], "events": []})
    return conversation.model_copy(
        update={
            "structured": structured,
            "transcript_segments": [],
            "photos": [],
            "apps_results": [],
            "suggested_summarization_apps": [],
        }
    )
