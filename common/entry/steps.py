"""Idempotency and the end of retries: a step is done once per subject and run, and given up at a limit.

Whoever cannot do its work now raises, and is redelivered: that is the retry. The platform gives up after a day and
Firestore and Storage triggers have no dead letter, so the count is kept here, in the claim. At the limit of attempts,
or when the event grows too old, the step marks its document, says so on the topic `dead-letter`, and acknowledges.
A step that nothing else would begin again is `lasting`: at the limit it marks its document, and is tried on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.core import clock, metering
from common.core.errors import EarshotError, LeaseHeldError, LeaseLostError, PostponedError, RetryableError
from common.core.logs import get_logger, where
from common.core.settings import settings
from common.database import claims, topics
from common.database.claims import Claim, Settled
from common.database.heartbeat import heartbeat
from common.models.events import DeadLettered

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True)
class Step:
    """What is to be done: `subject` names the thing within the user, `run` which time.

    `lasting`: whether what fails is tried for as long as it is delivered, not only up to the limit of attempts.
    """

    name: str
    uid: str
    subject: str
    run: int
    occurred_at: datetime
    lasting: bool = False


def perform(step: Step, *, work: Callable[[], str], give_up: Callable[[str], None]) -> None:
    """Do a step unless it is done; on failure raise to be redelivered, at the limit park it.

    Args:
        step: what is to be done.
        work: does it, and says in a word what came of it. Must be safe to do again.
        give_up: marks the document with a reason; must be safe to do again. A lasting step may succeed afterwards.

    Raises:
        RetryableError: not now; deliver it again. LeaseHeldError when somebody is at it right now.
    """
    metering.charge(step.uid)
    claim = claims.acquire(
        uid=step.uid,
        step=step.name,
        subject=step.subject,
        run=step.run,
        lease_seconds=settings().lease_seconds,
    )
    if isinstance(claim, Settled):
        get_logger().info("step_settled_before", step=step.name, state=claim.state.value)
        return
    if too_old(step):
        _park(step, claim, "the event is too old", give_up)
        return
    if _deadly(step, claim):
        # Every worker so far died without a word (out of memory, say): so would this one.
        _park(step, claim, "the work was never finished", give_up)
        return
    try:
        with heartbeat(
            lambda: claims.renew(claim),
            lease_seconds=settings().lease_seconds,
            longest_s=settings().longest_work_s,
        ):
            result = work()
    except (LeaseHeldError, LeaseLostError):
        raise
    except PostponedError:
        claims.postpone(claim)
        raise
    except EarshotError as error:
        if error.retryable and _again(step, claim, str(error), give_up):
            raise
        _park(step, claim, str(error), give_up)
        return
    except Exception as error:
        get_logger().error(
            "step_crashed", step=step.name, attempt=claim.attempts, error=type(error).__name__, at=where(error)
        )
        if _again(step, claim, public_reason(error), give_up):
            raise RetryableError(f"{step.name} failed") from error
        _park(step, claim, public_reason(error), give_up)
        return
    claims.finish(claim, result=result)
    get_logger().info("step_done", step=step.name, result=result, attempt=claim.attempts)


def dead_letter(step: Step, reason: str) -> None:
    """Say on the topic that a step was given up."""
    get_logger().error("step_parked", step=step.name, reason=reason)
    topics.publish(DeadLettered(uid=step.uid, step=step.name, subject=step.subject, run=step.run, reason=reason))


def public_reason(error: Exception) -> str:
    """What may be said of an error: our own messages are made for that, others' may quote anything."""
    return str(error) if isinstance(error, EarshotError) else f"internal error ({type(error).__name__})"


def too_old(step: Step) -> bool:
    """Whether what asked for the step happened so long ago that the platform is about to give it up."""
    return clock.now() - step.occurred_at > clock.duration(settings().max_event_age_s)


def _deadly(step: Step, claim: Claim) -> bool:
    """Whether all workers so far ended without a word; of a step that lasts others may have said that they failed."""
    return claim.deaths >= settings().max_attempts if step.lasting else claim.attempts > settings().max_attempts


def _again(step: Step, claim: Claim, reason: str, give_up: Callable[[str], None]) -> bool:
    """Leave the step to the next delivery, where there shall be one; whether that is so."""
    if claim.attempts >= settings().max_attempts:
        if not step.lasting:
            return False
        give_up(reason)
    claims.release(claim)
    return True


def _park(step: Step, claim: Claim, reason: str, give_up: Callable[[str], None]) -> None:
    give_up(reason)
    dead_letter(step, reason)
    claims.park(claim, reason=reason)
