"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.conversations import agenda, core, edits, folders, segments

ROUTERS: tuple[APIRouter, ...] = (
    core.router,
    edits.router,
    agenda.router,
    segments.router,
    folders.filing,
    folders.router,
    folders.developer,
)
