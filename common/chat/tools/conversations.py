"""Tools for what was said."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from pydantic import Field

from common.chat.tools.base import Arguments, Output, Scope, ZonedMoment, tool
from common.conversations.browse import check_filters, list_conversations
from common.conversations.search import search_conversations
from common.conversations.speakers import load_names
from common.database import conversations
from common.models.conversation import Conversation, ConversationStatus
from common.models.conversation_views import NamedSegment

MOST = 100
"""Conversations in one answer."""
NONE_FOUND = "No conversations found."
_LONGEST_PASSAGE = 2000
_LONGEST_TRANSCRIPT = 20_000


class _Between(Arguments):
    start_date: ZonedMoment | None = Field(None, description="ISO 8601 with timezone; conversations from then on")
    end_date: ZonedMoment | None = Field(None, description="The same; conversations until then")


class _List(_Between):
    limit: int = Field(20, ge=1, le=5000)
    offset: int = Field(0, ge=0, le=100_000)
    include_discarded: bool = False
    include_transcript: bool = Field(default=False, description="Whether what was said is needed, word by word")
    max_transcript_segments: int = Field(100, ge=1, le=1000)


class _Search(_Between):
    query: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="What it was about, in plain words")
    limit: int = Field(10, ge=1, le=50)


@tool(_List, doing="Looking through your conversations")
def get_conversations_tool(scope: Scope, asked: _List, key: str) -> Output:
    """List the user's conversations of a stretch of time, newest first: title, overview, tasks, and on request words.

    For summaries of days or weeks, and for questions about when; use search_conversations_tool for topics.
    """
    del key
    found = list_conversations(
        uid=scope.uid,
        limit=min(asked.limit, MOST),
        offset=asked.offset,
        since=asked.start_date,
        until=asked.end_date,
        statuses=[ConversationStatus.COMPLETED],
        include_discarded=asked.include_discarded,
    )
    found = [each for each in found if not each.is_locked]
    spoken = _spoken(found, scope.uid, asked.max_transcript_segments) if asked.include_transcript else {}
    return _output(found, scope.zone, spoken)


@tool(_Search, doing="Searching your conversations")
def search_conversations_tool(scope: Scope, asked: _Search, key: str) -> Output:
    """Find conversations about something, by meaning, best first, with the passages that speak of it."""
    del key
    check_filters({"since": asked.start_date, "until": asked.end_date})
    hits = search_conversations(
        asked.query,
        uid=scope.uid,
        limit=asked.limit,
        include_discarded=False,
        since=asked.start_date,
        until=asked.end_date,
    )
    finished = [
        hit
        for hit in hits
        if hit.conversation.status is ConversationStatus.COMPLETED and not hit.conversation.is_locked
    ]
    whole = conversations.with_transcripts([hit.conversation for hit in finished], uid=scope.uid)
    names = load_names(whole, uid=scope.uid, owner="User")
    ids = {hit.conversation.id: set(hit.segment_ids) for hit in finished}
    passages = {
        each.id: _lines([part for part in names.segments(each, as_=NamedSegment) if part.id in ids[each.id]])
        for each in whole
    }
    return _output(
        [hit.conversation for hit in finished],
        scope.zone,
        {place: text[:_LONGEST_PASSAGE] for place, text in passages.items()},
    )


def told(conversation: Conversation, zone: tzinfo) -> str:
    """What a conversation was, in a few lines."""
    structured = conversation.structured
    begun = local(conversation.began, zone)
    lines = [f"{structured.title or 'Untitled'} ({begun}, {structured.category.value})", structured.overview]
    lines += [f"- task: {each.description}{' (done)' if each.completed else ''}" for each in structured.action_items]
    lines += [f"- event: {each.title}, {local(each.start, zone)}, {each.duration} min" for each in structured.events]
    return "\n".join(line for line in lines if line)


def local(moment: datetime, zone: tzinfo) -> str:
    """A time as the user's clock shows it."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %A")


def _output(found: Sequence[Conversation], zone: tzinfo, spoken: dict[str, str]) -> Output:
    blocks = [
        (each.id, f"{told(each, zone)}\n{spoken[each.id]}" if spoken.get(each.id) else told(each, zone))
        for each in found
    ]
    return Output(text="" if blocks else NONE_FOUND, conversations=tuple(blocks))


def _spoken(found: Sequence[Conversation], uid: str, most: int) -> dict[str, str]:
    whole = conversations.with_transcripts(found, uid=uid)
    names = load_names(whole, uid=uid, owner="User")
    return {each.id: _lines(names.segments(each, as_=NamedSegment)[:most])[:_LONGEST_TRANSCRIPT] for each in whole}


def _lines(segments: Sequence[NamedSegment]) -> str:
    return "\n".join(f"{each.speaker_name}: {each.text}" for each in segments)
