"""HTTPS -> the chat: its answers stream, and take longer than what the rest of the REST surface does."""

from common.core.process import starting

with starting():
    from common.entry.api.app import create_app
    from common.entry.api.chat.routes import PART

    app = create_app([PART])
