"""Work that is done once for its key, by whoever comes first, however often and by how many it is asked for."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from common.core.errors import LeaseLostError
from common.core.settings import settings
from common.database import claims
from common.database.claims import Settled
from common.database.heartbeat import heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from common.database.claims import Claim


def do_once(work: Callable[[], str], *, uid: str, step: str, subject: str, kept_s: float) -> str:
    """Do it unless it is done; says in a word what came of it, the first time.

    Args:
        work: what to do; safe to do again. What it raises is raised, and the next who asks tries again at once.
        uid: whose it is.
        step: what kind of work.
        subject: of what, within the user.
        kept_s: for how many seconds it is known that it is done.

    Raises:
        LeaseHeldError: somebody is at it right now.
    """
    return try_once(lambda _: work(), uid=uid, step=step, subject=subject, kept_s=kept_s)


def try_once(work: Callable[[int], str], *, uid: str, step: str, subject: str, kept_s: float) -> str:
    """The same of work that is told the how many-th try it is: from the second on, some of it may be done already.

    Args:
        work: as of `do_once`; gets the number of the try, from 1.
        uid: as of `do_once`, like all that follow.
        step: what kind of work.
        subject: of what.
        kept_s: for how many seconds it is known.

    Raises:
        LeaseHeldError: somebody is at it right now.
    """
    lease_seconds = settings().lease_seconds
    claim = claims.acquire(uid=uid, step=step, subject=subject, run=0, lease_seconds=lease_seconds, kept_s=kept_s)
    if isinstance(claim, Settled):
        return claim.result or ""
    with holding(claim, lease_seconds=lease_seconds, longest_s=settings().longest_work_s):
        result = work(claim.attempts)
    claims.finish(claim, result=result)
    return result


@contextmanager
def holding(claim: Claim, *, lease_seconds: float, longest_s: float) -> Iterator[None]:
    """Keep a claim for as long as the body works on it; where that raises, the next who asks may try at once.

    Args:
        claim: what was acquired.
        lease_seconds: as it was acquired with.
        longest_s: after this the work counts as hanging.
    """
    try:
        with heartbeat(lambda: claims.renew(claim), lease_seconds=lease_seconds, longest_s=longest_s):
            yield
    except BaseException:
        with suppress(LeaseLostError):
            claims.release(claim)
        raise
