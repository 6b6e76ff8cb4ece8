"""WebSocket /v4/listen -> audio blocks, live segments, a conversation in progress."""

from common.entry.listening_app import create_app

app = create_app()
