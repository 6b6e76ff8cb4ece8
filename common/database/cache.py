"""Redis: only ever makes things faster. Without it, or with it down, every answer is the same."""

from __future__ import annotations

from common.core.logs import get_logger
from common.database.clients import redis_client

_LIVE_POINTER_TTL_S = 300


def remember_live(*, uid: str, conversation_id: str) -> None:
    """Note which conversation a user's stream belongs to."""
    _run("set", f"users:{uid}:in_progress_memory_id", conversation_id, ex=_LIVE_POINTER_TTL_S)


def recall_live(*, uid: str) -> str | None:
    """The conversation noted last, if the note is still there; to be checked against the document."""
    value = _run("get", f"users:{uid}:in_progress_memory_id")
    return value if isinstance(value, str) else None


def forget_live(*, uid: str) -> None:
    """Drop the note."""
    _run("delete", f"users:{uid}:in_progress_memory_id")


def _run(command: str, *arguments: str, **options: int) -> object:
    client = redis_client()
    if client is None:
        return None
    from redis.exceptions import RedisError

    try:
        return getattr(client, command)(*arguments, **options)
    except RedisError:
        get_logger().warning("cache_unavailable", command=command)
        return None
