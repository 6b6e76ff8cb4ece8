"""Redis: only ever makes things faster. Without it, or with it down, every answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core.logs import get_logger
from common.database.clients import redis_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

_LIVE_POINTER_TTL_S = 300


def get(key: str) -> str | None:
    """What is noted under `key`, if anything still is."""
    value = _run("get", lambda redis: redis.get(key))
    return value if isinstance(value, str) else None


def look_up(key: str) -> str | None:
    """The same where it matters whether anybody can know: empty if nothing is noted, None without Redis."""
    value = _run("get", lambda redis: redis.get(key) or "")
    return value if isinstance(value, str) else None


def put(key: str, value: str, *, seconds: int) -> None:
    """Note something for a while, in place of what was noted before."""
    _run("set", lambda redis: redis.set(key, value, ex=seconds))


def put_if_absent(key: str, value: str, *, seconds: int) -> bool | None:
    """Note something for a while unless something is noted: a reader's find never replaces a writer's word.

    Returns:
        Whether it is noted now; None without Redis.
    """
    noted = _run("set", lambda redis: bool(redis.set(key, value, ex=seconds, nx=True)))
    return noted if isinstance(noted, bool) else None


def forget(*keys: str) -> None:
    """Drop what is noted under `keys`."""
    _run("delete", lambda redis: redis.delete(*keys))


def count_up(key: str, *, seconds: int) -> int | None:
    """Add one to a counter that lives for `seconds` from its first count; None without Redis."""

    def run(redis: Redis) -> object:
        pipeline = redis.pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, seconds, nx=True)
        return pipeline.execute()[0]

    counted = _run("incr", run)
    return counted if isinstance(counted, int) else None


def join(key: str, member: str, *, at: float, most: int, seconds: int) -> bool | None:
    """Join those who are at something, of whom there are `most` at a time; None without Redis.

    Args:
        key: what they are at.
        member: who joins.
        at: the present, seconds since 1970; who joined first stays.
        most: how many may.
        seconds: after so many, who has not left counts as gone.
    """

    def run(redis: Redis) -> object:
        pipeline = redis.pipeline(transaction=True)
        pipeline.zremrangebyscore(key, "-inf", at - seconds)
        pipeline.zadd(key, {member: at})
        pipeline.zrank(key, member)
        pipeline.expire(key, seconds)
        rank = pipeline.execute()[2]
        if rank is not None and rank < most:
            return True
        redis.zrem(key, member)
        return False

    joined = _run("zadd", run)
    return joined if isinstance(joined, bool) else None


def leave(key: str, member: str) -> None:
    """Be at it no longer."""
    _run("zrem", lambda redis: redis.zrem(key, member))


def remember_live(*, uid: str, conversation_id: str) -> None:
    """Note which conversation a user's stream belongs to."""
    put(_live_key(uid), conversation_id, seconds=_LIVE_POINTER_TTL_S)


def recall_live(*, uid: str) -> str | None:
    """The conversation noted last, if the note is still there; to be checked against the document."""
    return get(_live_key(uid))


def forget_live(*, uid: str) -> None:
    """Drop the note."""
    forget(_live_key(uid))


def _live_key(uid: str) -> str:
    return f"users:{uid}:in_progress_memory_id"


def _run(command: str, run: Callable[[Any], object]) -> object:
    client = redis_client()
    if client is None:
        return None
    from redis.exceptions import RedisError

    try:
        return run(client)
    except RedisError:
        get_logger().warning("cache_unavailable", command=command)
        return None
