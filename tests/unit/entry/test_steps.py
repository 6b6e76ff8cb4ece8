"""A step is done once per subject and run, released on failure, and given up at a limit."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from common.core import clock
from common.core.errors import (
    InvalidInputError,
    LeaseHeldError,
    LeaseLostError,
    PostponedError,
    ProviderError,
    ProviderRefusedError,
    RetryableError,
)
from common.database import claims as claims_store
from common.database import topics
from common.database.claims import Claim, ClaimState, Settled
from common.entry.steps import Step, perform
from common.models.events import DeadLettered, Event

ATTEMPTS = 8


@dataclass
class Claims:
    """One claim in memory, with the rules of the stored ones."""

    attempts: int = 0
    deaths: int = 0
    state: ClaimState | None = None
    result: str | None = None
    stolen: bool = False
    published: list[Event] = field(default_factory=list)

    def acquire(self, *, uid: str, step: str, subject: str, run: int, lease_seconds: float) -> Claim | Settled:
        assert lease_seconds > 0
        if self.state in {ClaimState.DONE, ClaimState.PARKED}:
            return Settled(self.state, self.result)
        if self.state is ClaimState.RUNNING:
            raise LeaseHeldError("held")
        self.attempts += 1
        self.state = ClaimState.RUNNING
        return Claim(
            uid=uid,
            step=step,
            subject=subject,
            run=run,
            token="t",  # noqa: S106
            attempts=self.attempts,
            deaths=self.deaths,
        )

    def finish(self, _: Claim, *, result: str) -> None:
        self._settle(ClaimState.DONE)
        self.result = result

    def release(self, _: Claim) -> None:
        self._settle(ClaimState.RELEASED)

    def postpone(self, _: Claim) -> None:
        self._settle(ClaimState.RELEASED)
        self.attempts -= 1

    def park(self, _: Claim, *, reason: str) -> None:
        self._settle(ClaimState.PARKED)
        self.result = reason

    def publish(self, event: Event) -> None:
        self.published.append(event)

    def _settle(self, state: ClaimState) -> None:
        if self.stolen:
            raise LeaseLostError("taken over")
        self.state = state


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> Claims:
    kept = Claims()
    for name in ("acquire", "finish", "release", "postpone", "park"):
        monkeypatch.setattr(claims_store, name, getattr(kept, name))
    monkeypatch.setattr(topics, "publish", kept.publish)
    return kept


@dataclass
class Work:
    """Work that goes wrong in the ways it is told, then succeeds."""

    errors: list[Exception] = field(default_factory=list)
    done: int = 0
    given_up: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.done += 1
        return "completed"


def _perform(work: Work, *, age_s: float = 0.0, lasting: bool = False) -> None:
    occurred_at = clock.now() - timedelta(seconds=age_s)
    step = Step("s", uid="u", subject="c", run=1, occurred_at=occurred_at, lasting=lasting)
    perform(step, work=work, give_up=work.given_up.append)


def test_done_is_done(claims: Claims) -> None:
    work = Work()
    _perform(work)
    _perform(work)
    assert (work.done, claims.state, claims.result) == (1, ClaimState.DONE, "completed")


@pytest.mark.parametrize("error", [RetryableError("later"), ProviderError("busy"), KeyError("a defect"), OSError()])
def test_a_failure_releases_the_claim_and_asks_to_be_redelivered(claims: Claims, error: Exception) -> None:
    work = Work([error])
    with pytest.raises(RetryableError):
        _perform(work)
    assert claims.state is ClaimState.RELEASED
    _perform(work)
    assert (work.done, claims.attempts, claims.state) == (1, 2, ClaimState.DONE)


@pytest.mark.parametrize("error", [ProviderRefusedError("never"), InvalidInputError("garbage")])
def test_what_will_not_get_better_is_parked_at_once(claims: Claims, error: Exception) -> None:
    work = Work([error])
    _perform(work)
    assert claims.state is ClaimState.PARKED
    assert work.given_up == [str(error)]
    assert claims.published == [DeadLettered(uid="u", step="s", subject="c", run=1, reason=str(error))]


@pytest.mark.parametrize("error", [RetryableError, KeyError])
def test_at_the_limit_of_attempts_it_is_parked_and_acknowledged(claims: Claims, error: type[Exception]) -> None:
    work = Work([error("x") for _ in range(ATTEMPTS)])
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(RetryableError):
            _perform(work)
    _perform(work)
    assert (claims.state, claims.attempts, len(work.given_up)) == (ClaimState.PARKED, ATTEMPTS, 1)
    _perform(work)
    assert (work.done, len(work.given_up)) == (0, 1), "what is parked stays parked"


def test_waiting_for_something_else_is_no_attempt(claims: Claims) -> None:
    work = Work([PostponedError("a merge") for _ in range(2 * ATTEMPTS)])
    for _ in range(2 * ATTEMPTS):
        with pytest.raises(RetryableError):
            _perform(work)
    assert work.given_up == []
    _perform(work)
    assert (work.done, claims.attempts, claims.state) == (1, 1, ClaimState.DONE)


@pytest.mark.parametrize("error", [RetryableError, KeyError])
def test_what_lasts_is_said_at_the_limit_and_tried_on(claims: Claims, error: type[Exception]) -> None:
    work = Work([error("x") for _ in range(ATTEMPTS + 3)])
    for _ in range(ATTEMPTS + 3):
        with pytest.raises(RetryableError):
            _perform(work, lasting=True)
    assert (len(work.given_up), claims.state, claims.published) == (4, ClaimState.RELEASED, [])
    _perform(work, lasting=True)
    assert (work.done, claims.state) == (1, ClaimState.DONE)


@pytest.mark.parametrize(
    ("errors", "age_s", "deaths", "reason"),
    [
        ([InvalidInputError("garbage")], 0.0, 0, "garbage"),
        ([], 21 * 3600.0, 0, "the event is too old"),
        ([], 0.0, ATTEMPTS, "the work was never finished"),
    ],
    ids=["useless", "too old", "deadly"],
)
def test_what_lasts_is_parked_all_the_same(
    claims: Claims, errors: list[Exception], age_s: float, deaths: int, reason: str
) -> None:
    claims.deaths = deaths
    work = Work(errors)
    _perform(work, age_s=age_s, lasting=True)
    assert (work.done, work.given_up, claims.state) == (0, [reason], ClaimState.PARKED)


def test_the_reason_of_a_defect_is_its_kind_and_never_its_words(claims: Claims) -> None:
    work = Work([ValueError("said something private") for _ in range(ATTEMPTS)])
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(RetryableError, match=r"^s failed$"):
            _perform(work)
    _perform(work)
    assert work.given_up == ["internal error (ValueError)"]
    assert claims.result is not None
    assert "private" not in claims.result


def test_an_event_that_is_too_old_is_parked_without_work(claims: Claims) -> None:
    work = Work()
    _perform(work, age_s=20 * 3600 + 1)
    assert (work.done, claims.state, work.given_up) == (0, ClaimState.PARKED, ["the event is too old"])


def test_an_event_that_is_just_young_enough_is_worked_on(claims: Claims) -> None:
    work = Work()
    _perform(work, age_s=20 * 3600 - 10)
    assert (work.done, claims.state) == (1, ClaimState.DONE)


def test_while_somebody_is_at_it_the_event_must_come_again(claims: Claims) -> None:
    claims.state = ClaimState.RUNNING
    work = Work()
    with pytest.raises(LeaseHeldError):
        _perform(work)
    assert work.done == 0


def test_whoever_lost_the_lease_changes_nothing(claims: Claims) -> None:
    claims.stolen = True
    with pytest.raises(LeaseLostError):
        _perform(Work())
    assert claims.state is ClaimState.RUNNING
    assert claims.published == []


def test_work_that_kills_its_worker_every_time_is_given_up_without_being_tried_again(claims: Claims) -> None:
    claims.attempts = ATTEMPTS  # each of them took the claim and was never heard of again
    work = Work()
    _perform(work)
    assert (work.done, claims.state, len(work.given_up)) == (0, ClaimState.PARKED, 1)


def test_a_give_up_that_fails_is_tried_again(claims: Claims) -> None:
    def give_up(_: str) -> None:
        raise OSError("the store is away")

    step = Step("s", uid="u", subject="c", run=1, occurred_at=clock.now())
    with pytest.raises(OSError, match="away"):
        perform(step, work=Work([InvalidInputError("x")]), give_up=give_up)
    assert claims.state is ClaimState.RUNNING, "the lease runs out, and another delivery gives it up"
    assert claims.published == []
