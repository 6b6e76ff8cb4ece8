"""Which tools there are for a question."""

from common.chat.tools import apps, mcp
from common.chat.tools.action_items import create_action_item_tool, get_action_items_tool, update_action_item_tool
from common.chat.tools.base import Scope, Tool
from common.chat.tools.charts import create_chart_tool
from common.chat.tools.conversations import get_conversations_tool, search_conversations_tool
from common.chat.tools.files import search_files_tool
from common.chat.tools.meetings import get_calendar_events_tool
from common.chat.tools.memories import get_memories_tool, search_memories_tool
from common.chat.tools.web import search_web_tool
from common.chat.tools.wishes import manage_daily_summary_tool, save_user_preference_tool
from common.core.settings import settings

ALWAYS: tuple[Tool, ...] = (
    get_conversations_tool,
    search_conversations_tool,
    get_memories_tool,
    search_memories_tool,
    get_action_items_tool,
    get_calendar_events_tool,
    create_chart_tool,
    create_action_item_tool,
    update_action_item_tool,
    save_user_preference_tool,
    manage_daily_summary_tool,
)


def offered_tools(scope: Scope, *, changes: bool) -> dict[str, Tool]:
    """The tools by their names.

    Args:
        scope: for whom.
        changes: whether the user wants something changed; nothing that was read along the way can want that.
    """
    ours = [*ALWAYS, *((search_files_tool,) if scope.files else ())]
    if settings().web_search != "off":
        ours.append(search_web_tool)
    enabled = apps.enabled_apps(uid=scope.uid)
    theirs = [*apps.tools_of(enabled), *mcp.tools_of(enabled, deadline=scope.deadline)][: apps.MOST]
    tools: dict[str, Tool] = {}
    for each in (*ours, *theirs):
        if changes or not each.changes:
            tools.setdefault(each.name, each)
    return tools
