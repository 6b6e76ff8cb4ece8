"""How a user's words are protected at rest: what they choose, and the bringing of all that there is into that form.

What is stored from now on has the form at once; what is there already follows step by step, each step a task that goes
on where the last one ended. Other instances may store in the old form for as long as they remember the old choice, so
it ends with a round that began after that and found nothing to do. Where no step has followed for long, its task was
lost or given up, and the sweep has somebody go on.
"""

from datetime import datetime, timedelta
from typing import Any

from common.core import clock
from common.core.errors import BadRequestError
from common.core.logs import get_logger
from common.database import keys, resealing, tasks, users, wrapping
from common.database.resealing import COLLECTIONS, PAGE, STATE, states
from common.models.data_key import ENHANCED, STANDARD
from common.models.events import ProtectUser, RefreshPersona
from common.models.protection import Level, Protection

_PATIENCE_S = 60.0
"""Real seconds of one step; its function is given more."""
_LOOK_AGAIN = timedelta(minutes=15)
"""Real time without a page done after which nobody is at it any more; a queue tries again sooner."""


def choose_protection(level: Level, *, uid: str) -> Protection:
    """Protect what a user says in this way from now on, and soon everything that they have said.

    Raises:
        BadRequestError: nothing can be sealed here.
    """
    if level == ENHANCED and not wrapping.is_possible():
        raise BadRequestError("Nothing can be sealed here: no key is set up")
    users.change(uid=uid, data_protection_level=level)
    return _begin(level, uid=uid)


def keep_protection(level: Level, *, uid: str) -> None:
    """The same, where it is not so already; what is under way goes on, in case that whoever began it was cut short.

    Raises:
        BadRequestError: nothing can be sealed here.
    """
    state = states(uid=uid).find(STATE)
    target = STANDARD if state is None else state.target
    if users.find(uid=uid).data_protection_level != level or target != level:
        choose_protection(level, uid=uid)
    elif state is not None and state.finished_at is None:
        _go_on(state, uid=uid)


def rotate_key(*, uid: str) -> Protection:
    """Have everything of a user sealed with a new key.

    Raises:
        BadRequestError: they do not want it sealed.
        ProviderError: there is no new key now.
    """
    if users.find(uid=uid).data_protection_level != ENHANCED:
        raise BadRequestError("Nothing is sealed")
    keys.rewrap(uid=uid)
    keys.rotate(uid=uid)
    return _begin(ENHANCED, uid=uid)


def protect_user(task: ProtectUser) -> None:
    """Bring the next documents into their form, and have somebody go on after them.

    Raises:
        ProviderError: not now.
    """
    keys.forget(uid=task.uid)
    deadline = clock.Deadline.real(_PATIENCE_S)
    state = states(uid=task.uid).find(STATE)
    if state is None or state.started_at != task.started_at:
        return  # another choice was made since, or the account is gone
    while not deadline.passed:
        state = _noted(_step(state, uid=task.uid), uid=task.uid)
        if state.finished_at is not None:
            get_logger().info("user_protected", changed=state.changed, unreadable=state.unreadable)
            tasks.schedule_persona(RefreshPersona(uid=task.uid))
            return
        if state.collection is None:  # a round is over
            break
    _go_on(state, uid=task.uid)


def resume_protections(*, limit: int) -> int:
    """Have somebody go on where nobody does; for how many users."""
    now = clock.now()
    found = resealing.list_due(now, limit=limit)
    return sum(_resumed(uid, state, now=now) for uid, state in found)


def _resumed(uid: str, state: Protection, *, now: datetime) -> bool:
    """One user's; what is wrong with it must not hold up the others."""
    try:
        # The task first: if this ends in between, the next round asks for the same task, which is there already.
        tasks.enqueue_protection(
            ProtectUser(uid=uid, started_at=state.started_at), step=state.steps, again=state.look_at
        )
        _noted(state.model_copy(update={"look_at": now + _LOOK_AGAIN}), uid=uid)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries it again
        get_logger().error("protection_not_resumed", error=type(error).__name__)
        return False
    return True


def _begin(level: Level, *, uid: str) -> Protection:
    now = clock.now()
    state = Protection(id=STATE, target=level, started_at=now, pass_started_at=now, look_at=now + _LOOK_AGAIN)
    states(uid=uid).put(state)
    _go_on(state, uid=uid)
    return state


def _noted(state: Protection, *, uid: str) -> Protection:
    """The state, stored, unless another choice was made since, or somebody else is further."""

    def is_news(now: Protection) -> bool:
        return now.started_at == state.started_at and now.steps <= state.steps and now.finished_at is None

    states(uid=uid).change(STATE, lambda now: state if is_news(now) else None)
    return state


def _go_on(state: Protection, *, uid: str) -> None:
    """Have the next step done; a round after the first once everybody knows of the choice."""
    at = _known_at(state) if state.collection is None and state.steps else None
    tasks.enqueue_protection(ProtectUser(uid=uid, started_at=state.started_at), step=state.steps, at=at)


def _known_at(state: Protection) -> datetime:
    return state.started_at + timedelta(seconds=keys.LEVEL_KEPT_S)


def _step(state: Protection, *, uid: str) -> Protection:
    """A page further."""
    if state.collection is None:
        state = state.model_copy(update={"pass_started_at": clock.now(), "changed_in_pass": 0})
    collection = state.collection or COLLECTIONS[0]
    page = resealing.read_page(uid=uid, collection=collection, after=state.after)
    changed, unreadable = resealing.reseal(page, uid=uid)
    done = state.model_copy(
        update={
            "steps": state.steps + 1,
            "changed": state.changed + changed,
            "changed_in_pass": state.changed_in_pass + changed,
            "unreadable": state.unreadable + unreadable,
            "look_at": clock.now() + _LOOK_AGAIN,
        }
    )
    if len(page) == PAGE:
        return done.model_copy(update={"collection": collection, "after": page[-1].reference.path})
    if collection != COLLECTIONS[-1]:
        following = COLLECTIONS[COLLECTIONS.index(collection) + 1]
        return done.model_copy(update={"collection": following, "after": None})
    over: dict[str, Any] = {"collection": None, "after": None}
    if not done.changed_in_pass and done.pass_started_at >= _known_at(done):
        over |= {"finished_at": clock.now(), "look_at": None}
    return done.model_copy(update=over)
