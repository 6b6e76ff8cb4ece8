"""How many are at one thing at a time, over all instances: slots in Redis; of those who died they are free again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from common.core import clock
from common.core.ids import digest, new_id
from common.database import cache

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def slot(*subject: str, most: int, lease_s: int) -> Iterator[bool]:
    """Hold one of the slots of `subject` until the body ends, if one is free; whether it is. Without Redis all are.

    Args:
        subject: names what the slots are of.
        most: how many there are.
        lease_s: real seconds after which a slot is free that nobody has given back.
    """
    key, holder = f"slots:{digest(*subject)}", new_id()
    held = cache.join(key, holder, at=clock.now().timestamp(), most=most, seconds=lease_s)
    try:
        yield held is not False
    finally:
        if held:
            cache.leave(key, holder)
