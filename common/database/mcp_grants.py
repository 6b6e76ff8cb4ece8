"""Collection `users/{uid}/mcp_grants`: what lets a user's apps in at remote MCP servers, one document per app.

Sealed at rest whatever the user has chosen for their words (common/database/sealing.py).
"""

from __future__ import annotations

from common.database.documents import LIST_LIMIT, Documents
from common.models.mcp import McpGrant


def of(*, uid: str) -> Documents[McpGrant]:
    """A user's."""
    return Documents("users", uid, "mcp_grants", model=McpGrant, noun="Grant")


def list_all(*, uid: str) -> list[McpGrant]:
    """All of a user's that can be read."""
    grants = of(uid=uid)
    return grants.stream(grants.collection.limit(LIST_LIMIT))
