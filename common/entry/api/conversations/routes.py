"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.conversations import agenda, core, edits, folders, processing, recordings, searching, segments

ROUTERS: tuple[APIRouter, ...] = (
    searching.router,
    core.router,
    processing.router,
    edits.router,
    agenda.router,
    segments.router,
    folders.filing,
    folders.router,
    folders.developer,
    recordings.router,
)
