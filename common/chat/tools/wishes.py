"""Tools for what the user wants of us: something to be kept in mind, and when the day is summed up."""

from pydantic import Field

from common.chat.tools.base import Arguments, Output, Scope, tool
from common.database import users
from common.memories.edit import add_memory
from common.models.memory import MemoryCategory
from common.users.evenings import hour_of, want_evenings


class _Preference(Arguments):
    preference: str = Field(
        min_length=1,
        max_length=500,
        pattern=r"\S",
        description='One short statement about the user in the third person, like "User prefers short answers"',
    )


class _Summary(Arguments):
    enabled: bool | None = Field(None, description="Whether the user wants it; left out: as it is")
    hour: int | None = Field(None, ge=0, le=23, description="At which hour of the user's day; left out: as it is")


@tool(_Preference, doing="Keeping that in mind", changes=True)
def save_user_preference_tool(scope: Scope, asked: _Preference, key: str) -> Output:
    """Keep in mind for good what the user asks to be remembered about them; the same statement is kept once."""
    del key  # memories are told apart by what they say: doing it again finds what is there
    kept = add_memory(uid=scope.uid, content=asked.preference.strip(), category=MemoryCategory.PREFERENCES, manual=True)
    return Output(f"Remembered: {kept.content}")


@tool(_Summary, doing="Looking at your daily summary", changes=True)
def manage_daily_summary_tool(scope: Scope, asked: _Summary, key: str) -> Output:
    """Turn the user's daily summary on or off, or move it to another hour; without arguments only say how it is set."""
    del key
    if asked.enabled is not None or asked.hour is not None:
        want_evenings(uid=scope.uid, enabled=asked.enabled, hour=asked.hour)
    user = users.find(uid=scope.uid)
    hour = f"{hour_of(user):02d}:00 of the user's own time"
    return Output(f"The daily summary is on, at {hour}." if user.daily_summary_enabled else "There is none.")
