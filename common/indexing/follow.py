"""The index follows the document: whatever order events come in, it ends at what the document says.

One lease per document; the document is read, never the event's copy of it; again and again, until the indexed
revision is the current one. A document that is gone has nothing in the index, and leaves no lease either.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from common.core.logs import get_logger
from common.core.settings import settings
from common.database import index_leases
from common.database.heartbeat import heartbeat
from common.database.index_leases import NOTHING, UNKNOWN
from common.models.base import Document

D = TypeVar("D", bound=Document)


def follow(
    *,
    uid: str,
    subject: str,
    load: Callable[[], D | None],
    revision: Callable[[D | None], str | None],
    write: Callable[[D], None],
    remove: Callable[[], None],
) -> None:
    """Bring the index up to date with a document.

    Args:
        uid: the owner.
        subject: names the document among all that are indexed of this user.
        load: reads the document; None when there is none.
        revision: what the index shall hold of it: a revision, NOTHING, or None for leaving it as it is.
        write: makes the index hold the document, in place of whatever it held.
        remove: makes the index hold nothing of it.

    Raises:
        LeaseHeldError: another worker is at it; it may not see what this event is about, so come again.
    """
    lease = index_leases.acquire(uid=uid, subject=subject, lease_seconds=settings().lease_seconds)
    removed = False
    try:
        while True:
            document = load()
            wanted = revision(document)
            if wanted in {None, lease.indexed}:
                if document is None and not removed:
                    # The index had nothing of it, but it is by this line that the deletion can be known.
                    get_logger().info("indexed", removed=False, gone=True)
                return
            lease = index_leases.record(lease, indexed=UNKNOWN)
            with heartbeat(
                partial(index_leases.renew, lease),
                lease_seconds=settings().lease_seconds,
                longest_s=settings().longest_work_s,
            ):
                if document is None or wanted == NOTHING:
                    remove()
                else:
                    write(document)
            lease = index_leases.record(lease, indexed=wanted or NOTHING)
            removed = document is None
            get_logger().info("indexed", removed=removed or wanted == NOTHING, gone=removed)
    finally:
        index_leases.release(lease)
