"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.conversations import (
    agenda,
    core,
    details,
    developer,
    edits,
    folders,
    mcp,
    merge,
    processing,
    ratings,
    recordings,
    searching,
    segments,
    shared,
    sync,
)

ROUTERS: tuple[APIRouter, ...] = (
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
    folders.developer,
    developer.router,
    mcp.router,
    recordings.router,
    sync.router,
    ratings.router,
)
