"""Tools for what was said."""

from pydantic import Field, JsonValue

from common.conversations.browse import check_filters
from common.conversations.showing import for_mcp, list_finished, open_for_mcp, search_finished
from common.entry.mcp.tools import Arguments, Result, Tool, reads
from common.models.given import GivenEnd, GivenMoment
from common.models.structured import ConversationCategory

_MOST_CHARACTERS = 200_000
"""Said in all of them, the first one whatever it has: more than that no model reads at once."""
_LEFT_OUT = "Too long to be read together: read those that are left out one by one, with get_conversation_by_id"


class Between(Arguments):
    """A stretch of time."""

    start_date: GivenMoment | None = Field(None, description="ISO 8601, or a day as yyyy-mm-dd; without a zone, UTC")
    end_date: GivenEnd | None = Field(None, description="The same; a day means all of it")


class ListArguments(Between):
    """Which conversations."""

    categories: list[ConversationCategory] = Field(default_factory=list, max_length=20)
    limit: int = Field(20, ge=1, le=100)
    offset: int = Field(0, ge=0, le=100_000)


class SearchArguments(Between):
    """A question."""

    query: str = Field(min_length=1, max_length=2000, pattern=r"\S", description="What it was about, in plain words")
    limit: int = Field(10, ge=1, le=50)


class ById(Arguments):
    """A conversation."""

    conversation_id: str = Field(min_length=1, max_length=1500)


class ByIds(Arguments):
    """Several conversations."""

    conversation_ids: list[str] = Field(min_length=1, max_length=10)


@reads(ListArguments)
def get_conversations(uid: str, asked: ListArguments) -> Result:
    """List the user's conversations, newest first: when they were, and what they were about, without what was said."""
    found = list_finished(
        uid=uid,
        limit=asked.limit,
        offset=asked.offset,
        since=asked.start_date,
        until=asked.end_date,
        categories=asked.categories,
    )
    return {"conversations": [for_mcp(conversation).to_json() for conversation in found]}


@reads(SearchArguments)
def search_conversations(uid: str, asked: SearchArguments) -> Result:
    """Find conversations about something, by meaning, words and time, best first, with what was said about it."""
    check_filters({"since": asked.start_date, "until": asked.end_date})
    found = search_finished(asked.query, uid=uid, limit=asked.limit, since=asked.start_date, until=asked.end_date)
    return {"conversations": [conversation.to_json() for conversation in found]}


@reads(ById)
def get_conversation_by_id(uid: str, asked: ById) -> Result:
    """Read one conversation with everything that was said, and by whom."""
    [conversation] = open_for_mcp(asked.conversation_id, uid=uid)
    return {"conversation": conversation.to_json()}


@reads(ByIds)
def get_conversations_by_ids(uid: str, asked: ByIds) -> Result:
    """Read several conversations with everything that was said; of those that are too long together without that."""
    shown: list[JsonValue] = []
    left_out: list[JsonValue] = []
    size = 0
    for conversation in open_for_mcp(*asked.conversation_ids, uid=uid):
        told = conversation.to_json()
        size += sum(len(segment.text) for segment in conversation.transcript_segments)
        if shown and size > _MOST_CHARACTERS:
            left_out.append(told["id"])
            told.pop("transcript_segments")
        shown.append(told)
    rest: Result = {"transcripts_left_out": left_out, "note": _LEFT_OUT} if left_out else {}
    return {"conversations": shown, **rest}


CONVERSATION_TOOLS: tuple[Tool, ...] = (
    get_conversations,
    search_conversations,
    get_conversation_by_id,
    get_conversations_by_ids,
)
