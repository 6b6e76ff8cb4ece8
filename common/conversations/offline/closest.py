"""Which conversation late audio belongs to: the one that took place at that time, or next to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.conversations import recording
from common.conversations.lifecycle import OWNER
from common.core.errors import RetryableError
from common.database import conversations, conversations_around
from common.models.conversation import Conversation, ConversationStatus

NEAR = timedelta(minutes=2)
"""What is further from a conversation is another one."""
_MOST_OPEN = 50


@dataclass(frozen=True)
class TookPlace:
    """A conversation, and when it was: one that is still open says that by its audio only."""

    conversation: Conversation
    begin: datetime
    end: datetime


def find_closest(begin: datetime, end: datetime, *, uid: str) -> Conversation | None:
    """The conversation that audio from `begin` to `end` belongs to, if there is one.

    What its owner has deleted or put away does not count; what a model has discarded does.

    Raises:
        RetryableError: it is being merged; afterwards there will be another in its place.
    """
    around = conversations_around.list_overlapping(begin - NEAR, end + NEAR, uid=uid)
    known = {each.conversation.id: each for each in _closed(around)}
    known |= {each.conversation.id: each for each in _open(end + NEAR, uid=uid)}
    chosen = choose(known.values(), begin=begin, end=end)
    if chosen is not None and chosen.status is ConversationStatus.MERGING:
        raise RetryableError("The conversation is being merged")
    return chosen


def choose(candidates: Iterable[TookPlace], *, begin: datetime, end: datetime) -> Conversation | None:
    """The eligible one that is nearest: overlapping ones first, then by the smallest distance of their borders."""

    def distance(each: TookPlace) -> tuple[timedelta, timedelta, str]:
        gap = max(each.begin - end, begin - each.end, timedelta(0))
        borders = (abs(mine - its) for mine in (begin, end) for its in (each.begin, each.end))
        return gap, min(borders), each.conversation.id

    near = [
        each
        for each in candidates
        if each.begin <= end + NEAR and each.end >= begin - NEAR and _is_eligible(each.conversation)
    ]
    return min(near, key=distance).conversation if near else None


def _is_eligible(conversation: Conversation) -> bool:
    put_away = (
        conversation.discarded and conversation.relevance is not None and conversation.relevance.decided_by == OWNER
    )
    return not conversation.deleted and not put_away and conversation.capture.kind != "external"


def _closed(found: Iterable[Conversation]) -> Iterator[TookPlace]:
    for conversation in found:
        if conversation.started_at is not None and conversation.finished_at is not None:
            yield TookPlace(conversation, conversation.started_at, conversation.finished_at)


def _open(latest: datetime, *, uid: str) -> Iterator[TookPlace]:
    """Live ones whose document does not say yet when they ended."""
    statuses = [ConversationStatus.IN_PROGRESS.value, ConversationStatus.PROCESSING.value]
    for conversation in conversations.list_newest(uid=uid, limit=_MOST_OPEN, statuses=statuses):
        began = conversation.began
        if conversation.capture.kind == "live" and began <= latest:
            end = began + timedelta(seconds=recording.end_of(conversation, uid=uid))
            yield TookPlace(conversation, began, max(end, conversation.finished_at or began))
