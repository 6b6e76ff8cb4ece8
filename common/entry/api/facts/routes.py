"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/action-items",
    "/v1/dev/user/action-items",
    "/v1/dev/user/goals",
    "/v1/dev/user/memories",
    "/v1/goals",
    "/v1/knowledge-graph",
    "/v1/mcp/action-items",
    "/v1/mcp/memories",
    "/v3/memories",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.facts import (
        action_items,
        developer_action_items,
        developer_goals,
        developer_memories,
        goal_advice,
        goals,
        knowledge_graph,
        mcp,
        memories,
        sharing,
    )

    return (
        memories.router,
        sharing.router,
        action_items.router,
        goal_advice.router,
        goals.router,
        knowledge_graph.router,
        developer_memories.router,
        developer_action_items.router,
        developer_goals.router,
        mcp.router,
    )


PART = Part(_BEGINNINGS, _routers)
