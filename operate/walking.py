"""Work over all users: some at a time, noted as it goes, and taken up again where it was cut short.

The work must be safe to do twice: of users that were under way, nobody knows how far it got.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ConflictError, RetryableError
from common.core.ids import new_id
from common.core.logs import get_logger, where
from common.database import everyone
from common.database.progress import PROGRESS
from common.models.progress import Progress
from operate.outcome import DONE, LEFT, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ROUNDS = 8
"""Users per worker between two notes."""
_MOST_NAMED = 100

Counts = dict[str, int]


class Walk:
    """One such work.

    Args:
        name: under which it is noted.
        work: does it for one user, and says in numbers what it did.
        options: how it is done; only a walk with the same ones is taken up again.
        parallel: users at a time.
        noted: False for one that changes nothing, and begins with the first user each time.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[str], Mapping[str, int]],
        *,
        options: dict[str, str] | None = None,
        parallel: int,
        noted: bool = True,
    ) -> None:
        self._name = name
        self._work = work
        self._options = options or {}
        self._parallel = parallel
        self._noted = noted
        self._walker = new_id()

    def go(self) -> Progress:
        """Walk, from where the last one with the same options was cut short, to the end.

        Raises:
            RetryableError: it failed for everybody that it was tried for last.
            ConflictError: somebody else has begun the same since, from where this one was, and does the rest.
        """
        progress = self._begin()
        with ThreadPoolExecutor(self._parallel) as pool:
            rest = everyone.uids(after=progress.after)
            while uids := list(islice(rest, self._parallel * _ROUNDS)):
                done = list(pool.map(self._one, uids))
                if all(counts is None for counts in done):
                    raise RetryableError(
                        f"It failed for all of {len(uids)} users, {uids[0]} first; {progress.users} are done"
                    )
                progress = self._note(_further(progress, uids, done))
        # With users left for whom it failed, the next walk begins with the first: work that is done costs little.
        over: dict[str, object] = {"after": None} if progress.failed else {"finished_at": clock.now()}
        return self._note(progress.model_copy(update=over))

    def _begin(self) -> Progress:
        now = clock.now()
        begun = Progress(id=self._name, started_at=now, updated_at=now, options=self._options, walker=self._walker)
        if not self._noted:
            return begun
        before = PROGRESS.find(self._name)
        if before is not None and before.finished_at is None and before.after and before.options == self._options:
            begun = before.model_copy(update={"walker": self._walker})
        PROGRESS.put(begun)
        return begun

    def _note(self, progress: Progress) -> Progress:
        if not self._noted:
            return progress
        noted = progress.model_copy(update={"updated_at": clock.now()})

        def unless_another(known: Progress) -> Progress:
            if known.walker != self._walker:
                raise ConflictError("Somebody else has begun the same since, and goes on from where this one was")
            return noted

        return PROGRESS.change(self._name, unless_another)

    def _one(self, uid: str) -> Mapping[str, int] | None:
        """What was done for a user; None where it failed, which must not hold up the others."""
        try:
            return self._work(uid)
        except Exception as error:  # noqa: BLE001 - told by the user's id, and the next walk tries again
            get_logger().error("walk_failed", walk=self._name, error=type(error).__name__, at=where(error))
            return None


def told(progress: Progress) -> Outcome:
    """A walk that is over, for whoever asked for it."""
    counts = {"users": progress.users, **progress.counts}
    left = bool(progress.failed) or any(progress.counts.get(name) for name in ("busy", "unreadable"))
    return Outcome({**counts, "failed": progress.failed}, code=LEFT if left else DONE)


def _further(progress: Progress, uids: Sequence[str], done: Sequence[Mapping[str, int] | None]) -> Progress:
    counts = Counter(progress.counts)
    for each in done:
        counts.update(each or {})
    failed = [uid for uid, each in zip(uids, done, strict=True) if each is None]
    return progress.model_copy(
        update={
            "after": uids[-1],
            "users": progress.users + len(uids) - len(failed),
            "counts": dict(counts),
            "failed": [*progress.failed, *failed][:_MOST_NAMED],
        }
    )
