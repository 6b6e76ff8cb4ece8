"""Forgetting a user: everything is deleted, then counted, until the count is zero twice.

    requested ──▶ running ──count is zero──▶ settling ──a later look finds nothing──▶ done

Deleting sets off followers (purging, indexing), and a device may still be sending; whatever they write after the first
count is found by the look some minutes later, and as long as looks find something there is another. The next look is
arranged before one begins, so a crash delays the end and never prevents it.
"""

from common.action_items.elsewhere.leaving import give_back_all
from common.apps.mcp.ending import disconnect_all
from common.core import clock
from common.core.errors import ConflictError, RetryableError
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import account, tasks
from common.database.account_deletions import DELETIONS
from common.models.account_deletion import AccountDeletion, DeletionState
from common.models.events import DeleteAccount

LOOK_AGAIN_S = 600.0
"""Between two looks."""
MOST_LOOKS = 100
KEPT_S = 90 * 24 * 3600.0
_PATIENCE_S = 240.0
"""Real seconds one look may take; its function is given a minute more."""
_POLL_S = 0.2


def request_deletion(*, uid: str) -> AccountDeletion:
    """Have everything of a user deleted, and wait a while for it; asking again while that is under way is fine.

    Returns:
        How far it is: not `running` any more where nothing of the user is left.
    """
    now = clock.now()
    request = AccountDeletion(id=uid, requested_at=now)
    try:
        DELETIONS.create(request)
    except ConflictError:
        DELETIONS.change(uid, lambda earlier: request.model_copy(update={"deleted": earlier.deleted}))
    tasks.schedule_account_deletion(DeleteAccount(uid=uid), at=now)
    deadline = clock.Deadline.real(settings().answer_wait_s)
    while True:
        deletion = DELETIONS.get(uid)
        if deletion.state is not DeletionState.RUNNING or deadline.passed:
            return deletion
        clock.pause(_POLL_S)


def delete_account(task: DeleteAccount) -> None:
    """Look through everything of a user once, delete it, and count what is left.

    Raises:
        RetryableError: there is something left.
    """
    begun = DELETIONS.find(task.uid)
    if begun is None or begun.state is DeletionState.DONE:
        return
    if begun.looks >= MOST_LOOKS:
        get_logger().error("account_deletion_given_up", looks=begun.looks, left=begun.left)
        return
    _arrange_next(begun)
    disconnect_all(uid=task.uid)
    give_back_all(uid=task.uid)
    deadline = clock.Deadline.real(_PATIENCE_S)
    erased = {part.name: part.erase(task.uid, deadline) for part in account.parts()}
    account.forget_notes(uid=task.uid)
    left = {part.name: part.count(task.uid) for part in account.parts()}
    after = DELETIONS.change(task.uid, lambda deletion: _after_look(deletion, erased=erased, left=left))
    get_logger().info("account_deletion", state=after.state.value, erased=sum(erased.values()), left=sum(left.values()))
    if after.state is DeletionState.RUNNING:
        raise RetryableError("Not everything is deleted yet")


def _arrange_next(deletion: AccountDeletion) -> None:
    # At most one per stretch of time, so that retries do not multiply the looks to come.
    at = clock.now() + clock.duration(LOOK_AGAIN_S)
    stretch = int(at.timestamp() / clock.seconds(LOOK_AGAIN_S))
    tasks.schedule_account_deletion(DeleteAccount(uid=deletion.id), at=at, stretch=stretch)


def _after_look(deletion: AccountDeletion, *, erased: dict[str, int], left: dict[str, int]) -> AccountDeletion:
    """What is known after a look; the end is a look that found nothing, some time after one that left nothing."""
    now = clock.now()
    known = {name: deletion.deleted.get(name, 0) + count for name, count in erased.items()}
    changed: dict[str, object] = {
        "looks": deletion.looks + 1,
        "deleted": {name: count for name, count in known.items() if count},
        "left": {name: count for name, count in left.items() if count},
    }
    if any(left.values()):
        return deletion.model_copy(update={**changed, "state": DeletionState.RUNNING, "clean_at": None})
    settled_at = deletion.clean_at and deletion.clean_at + clock.duration(LOOK_AGAIN_S / 2)
    if settled_at is not None and now >= settled_at and not any(erased.values()):
        ended = {"state": DeletionState.DONE, "finished_at": now, "expire_at": now + clock.duration(KEPT_S)}
        return deletion.model_copy(update=changed | ended)
    clean_at = now if deletion.clean_at is None or any(erased.values()) else deletion.clean_at
    return deletion.model_copy(update={**changed, "state": DeletionState.SETTLING, "clean_at": clean_at})
