"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/calendar/meetings",
    "/v1/conversations",
    "/v1/dev/user/conversations",
    "/v1/dev/user/folders",
    "/v1/folders",
    "/v1/hume/callback",
    "/v1/import/",
    "/v1/mcp/conversations",
    "/v1/memories/",
    "/v1/sync-local-files",
    "/v1/sync/audio/",
    "/v1/users/analytics/",
    "/v2/sync-local-files",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.conversations import (
        agenda,
        core,
        details,
        developer,
        edits,
        folders,
        imports,
        mcp,
        meetings,
        merge,
        processing,
        ratings,
        recordings,
        searching,
        segments,
        shared,
        sync,
    )

    return (
        searching.router,
        merge.router,
        core.router,
        processing.router,
        processing.older,
        shared.router,
        edits.router,
        agenda.router,
        segments.router,
        details.router,
        folders.filing,
        folders.router,
        imports.router,
        folders.developer,
        developer.router,
        mcp.router,
        recordings.router,
        sync.router,
        ratings.router,
        meetings.router,
    )


PART = Part(_BEGINNINGS, _routers)
