"""Saying something over HTTP, and things to talk about."""

from typing import Any

import httpx

from common.conversations.index import index_conversation
from common.database import conversations
from tests.support.chat_client import Read, read
from tests.support.making import a_conversation, a_segment


def say(api: httpx.Client, text: str = "What did we say about the flat?", *, query: str = "", **body: Any) -> Read:
    """Say it, and read the answer to its end."""
    with api.stream("POST", f"/v2/messages{query}", json={"text": text, **body}) as stream:
        assert stream.status_code == 200, stream.read()
        return read(stream.iter_raw())


def talked(uid: str, conversation_id: str, text: str, **fields: Any) -> None:
    """Store a conversation in which this was said."""
    known: dict[str, Any] = {
        "status": "completed",
        "structured": {"title": f"About {conversation_id}", "emoji": "🏠", "overview": text},
        "transcript_segments": [a_segment(text, 0, 5).model_dump()],
    }
    conversations.create(a_conversation(id=conversation_id, **{**known, **fields}), uid=uid)
    index_conversation(uid=uid, conversation_id=conversation_id)
