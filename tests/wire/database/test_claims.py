"""Claims and index leases: one worker at a time, and whoever was overtaken changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from common.core import clock
from common.core.errors import LeaseHeldError, LeaseLostError, ProviderError
from common.database import claims, failures, index_leases
from common.database.claims import Claim, ClaimState, Settled
from common.database.index_leases import NOTHING, UNKNOWN, IndexLease

pytestmark = pytest.mark.usefixtures("stores")

LEASE_S = 120.0


class Time:
    """A clock that only a test moves: on a busy machine leases would run out by themselves."""

    def __init__(self) -> None:
        self.now = clock.now()

    def __call__(self) -> datetime:
        return self.now

    def pass_nominal(self, seconds: float) -> None:
        self.now += clock.duration(seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "now", moved)
    return moved


def _acquire(uid: str, *, run: int = 1) -> Claim:
    claim = claims.acquire(uid=uid, step="structure", subject="c1", run=run, lease_seconds=LEASE_S)
    assert isinstance(claim, Claim)
    return claim


def _again(uid: str) -> Claim | Settled:
    return claims.acquire(uid=uid, step="structure", subject="c1", run=1, lease_seconds=LEASE_S)


class TestClaims:
    """Keyed by step, subject and run; never by the message."""

    def test_of_many_at_once_one_wins(self, uid: str) -> None:
        def try_it(_: int) -> bool:
            try:
                _acquire(uid)
            except LeaseHeldError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(try_it, range(8))) == 1

    def test_a_finished_one_answers_with_its_result_for_ever(self, uid: str, time: Time) -> None:
        claims.finish(_acquire(uid), result="completed")
        time.pass_nominal(10 * LEASE_S)
        assert _again(uid) == Settled(ClaimState.DONE, "completed")

    def test_another_run_is_another_claim(self, uid: str) -> None:
        claims.finish(_acquire(uid, run=1), result="completed")
        assert _acquire(uid, run=2).attempts == 1

    def test_a_released_one_is_free_at_once_and_counts(self, uid: str) -> None:
        claims.release(_acquire(uid))
        assert _acquire(uid).attempts == 2

    def test_a_postponed_one_is_free_at_once_and_does_not_count(self, uid: str) -> None:
        claims.postpone(_acquire(uid))
        assert _acquire(uid).attempts == 1

    def test_a_worker_that_said_nothing_is_dead_after_its_lease(self, uid: str, time: Time) -> None:
        _acquire(uid)
        time.pass_nominal(LEASE_S - 20)
        with pytest.raises(LeaseHeldError):
            _again(uid)
        time.pass_nominal(20)
        after = _acquire(uid)
        assert (after.attempts, after.deaths) == (2, 1)
        claims.release(after)
        last = _acquire(uid)
        assert (last.attempts, last.deaths) == (3, 1), "who says that it failed has not died"

    def test_whoever_was_overtaken_changes_nothing(self, uid: str, time: Time) -> None:
        late = _acquire(uid)
        time.pass_nominal(LEASE_S)
        successor = _acquire(uid)
        with pytest.raises(LeaseLostError):
            claims.finish(late, result="old")
        with pytest.raises(LeaseLostError):
            claims.release(late)
        with pytest.raises(LeaseLostError):
            claims.park(late, reason="old")
        claims.finish(successor, result="new")
        with pytest.raises(LeaseLostError):
            claims.finish(late, result="old")
        assert _again(uid) == Settled(ClaimState.DONE, "new")

    def test_a_parked_one_is_not_done_again(self, uid: str) -> None:
        claims.park(_acquire(uid), reason="hopeless")
        assert _again(uid) == Settled(ClaimState.PARKED, None)

    def test_users_do_not_share_claims(self, uid: str) -> None:
        _acquire(uid)
        assert _acquire(f"{uid}-other").attempts == 1


class TestFailures:
    """How often a follower could not do its work for one event."""

    def test_failures_are_counted_per_event(self, uid: str) -> None:
        error = ProviderError("busy")
        assert [failures.count(error, uid=uid, event_id="event/1") for _ in range(3)] == [1, 2, 3]
        assert failures.count(error, uid=uid, event_id="event/2") == 1

    def test_waiting_for_somebody_else_is_no_failure(self, uid: str) -> None:
        assert failures.count(LeaseHeldError("held"), uid=uid, event_id="e") == 0
        assert failures.count(ProviderError("busy"), uid=uid, event_id="e") == 1


def _lease(uid: str) -> IndexLease:
    return index_leases.acquire(uid=uid, subject="c1", lease_seconds=LEASE_S)


class TestIndexLeases:
    """Who writes the vectors of a document, and how far they are."""

    def test_there_is_one_holder_until_it_gives_the_lease_back(self, uid: str) -> None:
        held = _lease(uid)
        with pytest.raises(LeaseHeldError):
            _lease(uid)
        index_leases.release(index_leases.record(held, indexed="a"))
        assert _lease(uid).indexed == "a"

    def test_at_first_nothing_is_indexed_and_nothing_leaves_no_trace(self, uid: str) -> None:
        held = _lease(uid)
        assert held.indexed == NOTHING
        index_leases.release(held)
        assert not index_leases._reference(uid, "c1").get().exists

    def test_recording_prolongs_the_lease(self, uid: str, time: Time) -> None:
        held = _lease(uid)
        time.pass_nominal(LEASE_S - 20)
        index_leases.record(held, indexed="a")
        time.pass_nominal(LEASE_S - 20)
        with pytest.raises(LeaseHeldError):
            _lease(uid)

    def test_what_was_being_written_by_a_dead_worker_is_unknown(self, uid: str, time: Time) -> None:
        index_leases.record(_lease(uid), indexed=UNKNOWN)
        time.pass_nominal(LEASE_S)
        assert _lease(uid).indexed == UNKNOWN

    def test_a_zombies_late_write_makes_its_successor_do_its_work_again(self, uid: str, time: Time) -> None:
        zombie = index_leases.record(_lease(uid), indexed=UNKNOWN)
        time.pass_nominal(LEASE_S)
        successor = index_leases.record(_lease(uid), indexed=UNKNOWN)
        # Both write vectors now; the zombie's may come last. It notices, and leaves its mark.
        with pytest.raises(LeaseLostError):
            index_leases.record(zombie, indexed="old")
        successor = index_leases.record(successor, indexed="new")
        assert successor.indexed == UNKNOWN, "a record made under an older mark does not count"
        successor = index_leases.record(successor, indexed="new")
        assert successor.indexed == "new"
        index_leases.release(successor)
        assert _lease(uid).indexed == "new"

    def test_a_mark_left_after_the_successor_was_done_is_found_by_the_next(self, uid: str, time: Time) -> None:
        zombie = _lease(uid)
        time.pass_nominal(LEASE_S)
        successor = _lease(uid)
        index_leases.release(index_leases.record(successor, indexed="new"))
        with pytest.raises(LeaseLostError):
            index_leases.record(zombie, indexed="old")
        assert _lease(uid).indexed == UNKNOWN, "the zombie wrote after the successor: what the index holds is not known"

    def test_a_lost_lease_cannot_be_given_back(self, uid: str, time: Time) -> None:
        zombie = _lease(uid)
        time.pass_nominal(LEASE_S)
        _lease(uid)
        index_leases.release(zombie)
        with pytest.raises(LeaseHeldError):
            _lease(uid)
