"""A day of conversations: which belong to it, as whoever looks back on it is shown them, and as it is kept. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import TypeVar

from common.core import clock
from common.core.ids import derived_id
from common.llm.ports import Day, Episode, LookBack, Remark
from common.models.chat import Message, MessageSender, MessageType
from common.models.conversation import Conversation, ConversationStatus
from common.models.daily_summary import (
    DailySummary,
    DayActionItem,
    DayDecision,
    DayInsight,
    DayPlace,
    DayQuestion,
    DayStats,
    DayTopic,
)

NOTIFICATION = "daily_summary"
"""The kind of notification that tells of a day; the day's id names the occasion."""
_MOST_TASKS = 50
_MOST_PLACES = 50

R = TypeVar("R", DayQuestion, DayDecision, DayInsight)
N = TypeVar("N", DayQuestion, DayDecision, DayInsight, DayPlace)


def of_the_day(found: Iterable[Conversation], *, without: Collection[str]) -> list[Conversation]:
    """Those that are done, were worth keeping and are not part of another day, in the order in which they began."""
    kept = [
        each
        for each in found
        if each.status is ConversationStatus.COMPLETED
        and not (each.discarded or each.deleted or each.is_locked)
        and each.id not in without
    ]
    return sorted(kept, key=lambda each: each.began)


def as_day(conversations: Sequence[Conversation], *, zone: tzinfo, language: str | None) -> Day:
    """As whoever looks back on it is shown them."""
    return Day(episodes=tuple(_episode(each, zone) for each in conversations), language=language)


def as_summary(
    back: LookBack, conversations: Sequence[Conversation], *, day: date, zone: tzinfo, now: datetime
) -> DailySummary:
    """As the day is kept: what is counted and listed is taken from the conversations, never from a model."""
    tasks = [
        DayActionItem(description=task.description, completed=task.completed, source_conversation_id=each.id)
        for each in conversations
        for task in each.structured.action_items
    ]
    return DailySummary(
        id=day.isoformat(),
        date=day.isoformat(),
        headline=back.headline,
        overview=back.overview,
        day_emoji=back.emoji,
        stats=DayStats(
            total_conversations=len(conversations),
            total_duration_minutes=sum(_minutes(each) for each in conversations),
            action_items_count=len(tasks),
        ),
        highlights=[
            DayTopic(
                topic=each.title, emoji=each.emoji, summary=each.summary, conversation_ids=[*each.conversation_ids]
            )
            for each in back.topics
        ],
        action_items=tasks[:_MOST_TASKS],
        unresolved_questions=[DayQuestion(question=text, conversation_id=of) for text, of in _each(back.questions)],
        decisions_made=[DayDecision(decision=text, conversation_id=of) for text, of in _each(back.decisions)],
        knowledge_nuggets=[DayInsight(insight=text, conversation_id=of) for text, of in _each(back.insights)],
        locations=[place for each in conversations for place in _place(each, zone)][:_MOST_PLACES],
        conversation_ids=[each.id for each in conversations],
        created_at=now,
    )


def without(summary: DailySummary, conversation_id: str, rebuilt: DailySummary) -> DailySummary:
    """A day without one of its conversations.

    Args:
        summary: the day.
        conversation_id: what it is to say nothing of any more.
        rebuilt: the same day, made of the other conversations alone.
    """
    topics = [each for each in summary.highlights if conversation_id not in (each.conversation_ids or ())]
    return rebuilt.model_copy(
        update={
            "highlights": topics or rebuilt.highlights,
            "unresolved_questions": _other(summary.unresolved_questions, conversation_id),
            "decisions_made": _other(summary.decisions_made, conversation_id),
            "knowledge_nuggets": _other(summary.knowledge_nuggets, conversation_id),
        }
    )


def renamed(summary: DailySummary, gone: Collection[str], *, into: str) -> DailySummary:
    """A day some of whose conversations have become another one."""

    def by_now(conversation_id: str | None) -> str | None:
        return into if conversation_id in gone else conversation_id

    def all_by_now(conversation_ids: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(into if each in gone else each for each in conversation_ids))

    def each_by_now(remarks: Iterable[N]) -> list[N]:
        return [each.model_copy(update={"conversation_id": by_now(each.conversation_id)}) for each in remarks]

    return summary.model_copy(
        update={
            "highlights": [
                each.model_copy(update={"conversation_ids": all_by_now(each.conversation_ids)})
                if each.conversation_ids
                else each
                for each in summary.highlights
            ],
            "action_items": [
                each.model_copy(update={"source_conversation_id": by_now(each.source_conversation_id)})
                for each in summary.action_items
            ],
            "unresolved_questions": each_by_now(summary.unresolved_questions),
            "decisions_made": each_by_now(summary.decisions_made),
            "knowledge_nuggets": each_by_now(summary.knowledge_nuggets),
            "locations": each_by_now(summary.locations),
            "conversation_ids": all_by_now(summary.conversation_ids),
        }
    )


def as_message(summary: DailySummary, *, uid: str) -> Message:
    """The day as the assistant tells it in the chat; the same day is the same message."""
    return Message(
        id=derived_id("day_summary", uid, summary.id),
        text=f"{summary.day_emoji} {summary.headline}\n\n{summary.overview}".strip(),
        created_at=summary.created_at or clock.now(),
        sender=MessageSender.AI,
        type=MessageType.DAY_SUMMARY,
        memories_id=[each for topic in summary.highlights for each in topic.conversation_ids or ()],
    )


def _other(remarks: list[R], conversation_id: str) -> list[R]:
    return [remark for remark in remarks if remark.conversation_id != conversation_id]


def _episode(conversation: Conversation, zone: tzinfo) -> Episode:
    structured = conversation.structured
    return Episode(
        conversation_id=conversation.id,
        began=_clock_time(conversation, zone),
        minutes=_minutes(conversation),
        title=conversation.user_title or structured.title,
        overview=conversation.user_overview or structured.overview,
        emoji=structured.emoji,
        category=structured.category.value,
    )


def _place(conversation: Conversation, zone: tzinfo) -> list[DayPlace]:
    where = conversation.geolocation
    if where is None:
        return []
    return [
        DayPlace(
            latitude=where.latitude,
            longitude=where.longitude,
            address=where.address,
            time=_clock_time(conversation, zone),
            conversation_id=conversation.id,
        )
    ]


def _each(remarks: Iterable[Remark]) -> list[tuple[str, str]]:
    return [(remark.text, remark.conversation_id) for remark in remarks]


def _clock_time(conversation: Conversation, zone: tzinfo) -> str:
    return conversation.began.astimezone(zone).strftime("%H:%M")


def _minutes(conversation: Conversation) -> int:
    """How long it took, in whole minutes; one at least."""
    if conversation.finished_at is None:
        return 1
    return max(1, round((conversation.finished_at - conversation.began).total_seconds() / 60))
