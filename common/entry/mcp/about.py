"""Tools for the user themselves: who they are, who they know, what they are after, how their days were."""

from pydantic import Field

from common.database import daily_summaries, goals, messages, people, users
from common.database.messages import Chat
from common.entry.mcp.tools import Arguments, Result, Tool, reads


class Nothing(Arguments):
    """Nothing is asked."""


class Page(Arguments):
    """How many."""

    limit: int = Field(20, ge=1, le=100)
    offset: int = Field(0, ge=0, le=100_000)


class GoalArguments(Arguments):
    """Which goals."""

    include_inactive: bool = False
    limit: int = Field(10, ge=1, le=100)


@reads(Nothing)
def get_user_profile(uid: str, _: Nothing) -> Result:
    """Who the user is: name, language and time zone, as far as they are known."""
    known = users.find(uid=uid)
    return {"profile": {"name": known.name or None, "language": known.language, "time_zone": known.time_zone}}


@reads(Nothing)
def get_people(uid: str, _: Nothing) -> Result:
    """List the people in the user's life."""
    return {"people": [{"id": person.id, "name": person.name} for person in people.list_all(uid=uid)]}


@reads(GoalArguments)
def get_goals(uid: str, asked: GoalArguments) -> Result:
    """List the user's goals and how far they are."""
    found = goals.list_newest(uid=uid, limit=asked.limit, include_inactive=asked.include_inactive)
    return {"goals": [goal.to_json() for goal in found]}


@reads(Page)
def get_daily_summaries(uid: str, asked: Page) -> Result:
    """Read how the user's days were, the newest first."""
    found = daily_summaries.list_newest(uid=uid, limit=asked.limit, offset=asked.offset)
    return {"daily_summaries": [day.to_json() for day in found]}


@reads(Page)
def get_chat_messages(uid: str, asked: Page) -> Result:
    """Read what the user and their assistant wrote to each other in the main chat, the newest first."""
    found = messages.list_newest(Chat(), uid=uid, limit=asked.limit, offset=asked.offset)
    return {
        "messages": [
            {"id": each.id, "sender": each.sender.value, "text": each.text, "created_at": each.created_at.isoformat()}
            for each in found
            if not each.reported
        ]
    }


ABOUT_TOOLS: tuple[Tool, ...] = (get_user_profile, get_people, get_goals, get_daily_summaries, get_chat_messages)
