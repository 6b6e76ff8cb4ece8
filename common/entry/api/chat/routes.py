"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/clear-chat",
    "/v1/initial-message",
    "/v1/messages",
    "/v1/voice-messages",
    "/v2/chat-sessions",
    "/v2/desktop/messages",
    "/v2/files",
    "/v2/initial-message",
    "/v2/messages",
    "/v2/voice-message",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.chat import desktop, files, legacy, messages, sessions, sharing, voice

    return (
        messages.router,
        sharing.router,
        voice.router,
        files.router,
        sessions.router,
        desktop.router,
        legacy.router,
    )


PART = Part(_BEGINNINGS, _routers)
