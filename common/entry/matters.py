"""What a delivery is about: log and span are named after it, then it is done once per run, or each time it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.core import clock, metering
from common.core.errors import EarshotError, PostponedError, RetryableError
from common.core.logs import bind, get_logger, where
from common.core.settings import settings
from common.database import failures
from common.entry.events import delivery_of
from common.entry.hops import follow
from common.entry.leaving import has_left_since
from common.entry.steps import Step, dead_letter, perform, public_reason, too_old

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cloudevents.http import CloudEvent

    from common.core.spans import About
    from common.core.tracing import Trace


@dataclass(frozen=True)
class Matter:
    """Whose and which thing, for which step, in which trace.

    `subject` names the thing within the user, `run` which time. The other ids are for the log, and that of the
    conversation for the span too; `told_id` is that of a message of ours. `lasting`: see `Step`. `asked_at` is when a
    task was asked for, where it says so; of events the platform says when they occurred.
    """

    step: str
    uid: str
    subject: str
    trace: Trace | None = None
    run: int = 0
    conversation_id: str | None = None
    document_id: str | None = None
    told_id: str | None = None
    lasting: bool = False
    asked_at: datetime | None = None


def do_once(
    matter: Matter, *, event: CloudEvent | None, work: Callable[[], str], give_up: Callable[[str], None]
) -> None:
    """Do it unless this run of it is done, and count attempts until it is given up (see `perform`).

    A task has no `event`, and its age does not matter: the queue gives up by itself.
    """
    _name(matter, event, run=None if matter.conversation_id is None else matter.run)
    occurred_at = clock.now() if event is None else delivery_of(event).occurred_at
    if of_who_has_left(matter, occurred_at):
        return
    perform(_step(matter, occurred_at), work=work, give_up=give_up)


def do_each_time(matter: Matter, *, event: CloudEvent, work: Callable[[], None]) -> None:
    """The same for work that does nothing twice by itself: only failures are counted, per event."""
    _name(matter, event)
    metering.charge(matter.uid)
    delivery = delivery_of(event)
    if of_who_has_left(matter, delivery.occurred_at):
        return
    step = _step(matter, delivery.occurred_at)
    try:
        work()
    except PostponedError:
        raise
    except Exception as error:
        retryable = not isinstance(error, EarshotError) or error.retryable
        if (
            retryable
            and not too_old(step)
            and failures.count(error, uid=matter.uid, event_id=delivery.event_id) < settings().max_attempts
        ):
            if isinstance(error, EarshotError):
                raise
            get_logger().error("step_crashed", step=matter.step, error=type(error).__name__, at=where(error))
            raise RetryableError(f"{matter.step} failed") from error
        dead_letter(step, public_reason(error))


def of_who_has_left(matter: Matter, occurred_at: datetime) -> bool:
    """Whether it is late, and its user has left meanwhile: then it is over.

    What an attempt before it has written below a conversation that is gone, before it was cut short, goes as well.
    """
    left = has_left_since(matter.asked_at or occurred_at, uid=matter.uid)
    if left:
        get_logger().info("step_of_who_has_left", step=matter.step)
        if matter.conversation_id:
            from common.database import conversations  # seldom, and most that start need nothing of it

            conversations.delete_orphans(uid=matter.uid, conversation_id=matter.conversation_id)
    return left


def _name(matter: Matter, event: CloudEvent | None, *, run: int | None = None) -> None:
    """From here on lines of the log and the span say what it is about; `run` is for the log."""
    bind(
        uid=matter.uid,
        conversation_id=matter.conversation_id,
        document_id=matter.document_id,
        event_id=matter.told_id,
        step=matter.step,
        run=run,
    )
    about: About = {"conversation_id": matter.conversation_id, "run": matter.run}
    if event is not None:
        about["event_id"] = event["id"]
    follow(matter.trace, matter.step, **about)


def _step(matter: Matter, occurred_at: datetime) -> Step:
    return Step(
        name=matter.step,
        uid=matter.uid,
        subject=matter.subject,
        run=matter.run,
        occurred_at=occurred_at,
        lasting=matter.lasting,
    )
