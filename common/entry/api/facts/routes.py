"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.facts import (
    action_items,
    developer_action_items,
    developer_goals,
    developer_memories,
    goals,
    mcp,
    memories,
    sharing,
)

ROUTERS: tuple[APIRouter, ...] = (
    memories.router,
    sharing.router,
    action_items.router,
    goals.router,
    developer_memories.router,
    developer_action_items.router,
    developer_goals.router,
    mcp.router,
)
