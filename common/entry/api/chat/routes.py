"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.chat import desktop, files, legacy, messages, sessions, voice

ROUTERS: tuple[APIRouter, ...] = (
    messages.router,
    voice.router,
    files.router,
    sessions.router,
    desktop.router,
    legacy.router,
)
